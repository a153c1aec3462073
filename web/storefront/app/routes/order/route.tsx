import type { Order } from "@noirel/shared/api/types";
import { beforeDiscount, formatMoney } from "@noirel/shared/money";
import { buttonClass } from "@noirel/shared/ui/button";
import { Plate } from "@noirel/shared/ui/plate";
import { useEffect, useState } from "react";
import { Link, useNavigate, useRevalidator } from "react-router";
import { TotalsList } from "../../cart/totals";
import { aheadWords } from "../../parts/ahead";
import { useNow } from "../../parts/moment";
import { useZones } from "../../parts/zones";
import { clock, day } from "../../payment/dates";
import { useExternalChanges } from "../../payment/external-changes";
import { OrderError } from "../../payment/order-not-found";
import { paymentState } from "../../payment/payment-state";
import { openOrder } from "../../payment/read";
import { pageMeta } from "../../seo/meta";
import type { Route } from "./+types/route";
import { Change } from "./change";
import { Paid, Refunds } from "./money";
import { Parcels } from "./parcels";
import { isBilledElsewhere, Where } from "./where";

export const headers = () => ({ "Cache-Control": "no-store", "Referrer-Policy": "no-referrer" });
export const meta = ({ params }: Route.MetaArgs) =>
  pageMeta({ title: `Order ${params.number}`, description: "What, when, and where.", canonical: null, origin: "" });

export async function clientLoader({ params, request }: Route.ClientLoaderArgs) {
  const token = new URL(request.url).searchParams.get("token");
  return { order: await openOrder(params.number, token), fromLink: token !== null, read: new Date().toISOString() };
}

export function HydrateFallback({ params }: Route.HydrateFallbackProps) {
  return (
    <div className="wrap min-h-svh pt-6 desk:pt-12" aria-busy="true">
      <h1 className="display text-4xl">Your order</h1>
      <p className="mt-3 text-ink-2">{params.number}</p>
      <noscript>
        <p className="mt-4">This page needs JavaScript. Turn it on for this site and reload the page.</p>
      </noscript>
    </div>
  );
}

export function ErrorBoundary({ error, params }: Route.ErrorBoundaryProps) {
  return <OrderError error={error} number={params.number} />;
}

/** Seconds between looks while something is still being decided. */
const LOOK = 8;

export default function OrderPage({ loaderData: { order, fromLink, read } }: Route.ComponentProps) {
  const navigate = useNavigate();
  const { revalidate } = useRevalidator();
  const zones = useZones();
  const { title, text, payable, moving } = paymentState(order, useNow(read, order.held_until), zones);
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    // The key is kept; an address that is shared or remembered must not carry it.
    if (fromLink) void navigate(`/orders/${order.number}`, { replace: true });
  }, [fromLink, navigate, order.number]);
  useEffect(() => {
    if (!moving) return;
    const look = () => document.visibilityState === "visible" && void revalidate();
    const timer = setInterval(look, LOOK * 1000);
    return () => clearInterval(timer);
  }, [moving, revalidate]);

  useExternalChanges(() => void revalidate());

  const arrives = order.status !== "cancelled" && order.status !== "expired" && order.payment_status !== "refunded";
  return (
    <div className="wrap pt-6 desk:pt-12">
      <div aria-live="polite">
        <h1 className="display text-4xl">{title}</h1>
        {text && <p className="numerals mt-6 max-w-[34em] text-lg text-pretty">{text}</p>}
      </div>
      <p className="numerals mt-4 flex flex-wrap items-baseline gap-x-4 gap-y-1 text-ink-2">
        <span>
          Order <bdi className="font-medium text-ink">{order.number}</bdi>, {day(order.placed_at, zones)}
        </span>
        <button
          type="button"
          className="link min-h-6 text-sm print:hidden"
          onClick={() =>
            navigator.clipboard.writeText(order.number).then(
              () => setCopied(true),
              () => undefined,
            )
          }
        >
          {copied ? "Copied" : "Copy the number"}
        </button>
      </p>
      {payable && (
        <p className="mt-6 print:hidden">
          <Link to={`/checkout/pay/${order.number}`} className={buttonClass()}>
            Resume payment
          </Link>
        </p>
      )}
      <div className="mt-10 grid items-start gap-x-gap gap-y-12 desk:grid-cols-12">
        <div className="grid min-w-0 grid-cols-1 gap-12 desk:col-span-7">
          <section aria-labelledby="items">
            <h2 id="items" className="display text-2xl">
              What
            </h2>
            <ul className="@container mt-4 border-t border-line">
              {order.lines.map((line) => (
                <li
                  key={line.id}
                  className="grid grid-cols-[4.5rem_1fr_auto] gap-4 border-b border-line py-4 text-[0.9375rem] leading-snug @max-[17rem]:grid-cols-1"
                >
                  <div className="max-w-18">
                    <Plate picture={line.image} attributes={line.attributes} sizes="72px" alt="" />
                  </div>
                  <div className="min-w-0">
                    <h3 className="display text-[1.5rem] leading-none break-words">
                      <Link to={`/p/${line.product_slug}`}>{line.name}</Link>
                    </h3>
                    <p className="numerals mt-1 text-sm text-ink-2">
                      {[
                        line.variant_title,
                        line.engraving && `engraved ${line.engraving}`,
                        line.quantity > 1 && `${line.quantity} pieces at ${formatMoney(line.unit_price)}`,
                        line.cancelled_quantity > 0 && arrives && `${line.cancelled_quantity} taken off`,
                        line.returned_quantity > 0 && `${line.returned_quantity} came back`,
                      ]
                        .filter(Boolean)
                        .join(", ")}
                    </p>
                    {line.ahead && line.fulfilled_quantity < line.quantity && (
                      <p className="numerals text-sm text-ink-2">
                        {aheadWords(line.ahead, line.quantity, zones.shop)}.
                      </p>
                    )}
                    <p className="numerals text-sm text-ink-3">
                      GST {line.tax_rate_bps / 100}%: {formatMoney(line.tax)}, included
                    </p>
                  </div>
                  <span className="numerals text-end @max-[17rem]:text-start">
                    {formatMoney(beforeDiscount(line))}
                    {line.discount.amount > 0 && (
                      <span className="block text-sm text-ink-2">less {formatMoney(line.discount)}</span>
                    )}
                  </span>
                </li>
              ))}
            </ul>
            <Extras order={order} />
          </section>
          <Parcels order={order} />
          <section aria-labelledby="timeline">
            <h2 id="timeline" className="display text-2xl">
              When
            </h2>
            <ol className="mt-4 grid gap-3 border-s border-line ps-5 text-[0.9375rem]">
              {order.timeline.map(({ at, type, message }, index) => (
                <li
                  key={`${at}${type}`}
                  {...(index === order.timeline.length - 1 && { "aria-current": "step" as const })}
                >
                  {message}
                  <span className="numerals block text-sm text-ink-3">
                    <time dateTime={at}>
                      {day(at, zones)}, {clock(at, zones)}
                    </time>
                  </span>
                </li>
              ))}
            </ol>
          </section>
        </div>
        <div className="grid min-w-0 grid-cols-1 gap-8 bg-sunk p-[min(1.5rem,6vw)] desk:col-span-4 desk:col-start-9">
          <div className="grid gap-4">
            <TotalsList totals={order.totals} delivery="chosen" />
            <Refunds refunds={order.refunds} />
          </div>
          <Paid order={order} />
          <Where title="Where" address={order.shipping_address} />
          {isBilledElsewhere(order) && <Where title="Billed to" address={order.billing_address} />}
          <Change order={order} onChanged={revalidate} />
        </div>
      </div>
    </div>
  );
}

/** What came with it, and what was said about it. */
function Extras({ order: { samples, gift, note } }: { order: Order }) {
  const said = [
    samples.length > 0 && `Samples: ${samples.map(({ name }) => name).join(", ")}`,
    gift.wrap && "Wrapped as a gift.",
    gift.message && `With the words “${gift.message}”`,
    gift.hide_prices && "No prices in the parcel.",
    note && `You wrote: “${note}”`,
  ].filter((words): words is string => Boolean(words));
  return said.map((words) => (
    <p key={words} className="mt-3 text-sm break-words text-ink-2">
      {words}
    </p>
  ));
}
