import { Button } from "@noirel/shared/ui/button";
import { useEffect, useRef } from "react";
import { Link } from "react-router";
import { useZones } from "../../parts/zones";
import { OrderError } from "../../payment/order-not-found";
import { holdText, paymentState } from "../../payment/payment-state";
import { hasEnded, openOrder } from "../../payment/read";
import { pageMeta } from "../../seo/meta";
import type { Route } from "./+types/route";
import { Bought } from "./bought";
import { inReview, usePaying } from "./use-paying";

export const headers = () => ({ "Cache-Control": "no-store", "Referrer-Policy": "no-referrer" });
export const meta = () =>
  pageMeta({ title: "Payment", description: "Paying for your order.", canonical: null, origin: "" });

export async function clientLoader({ params, request }: Route.ClientLoaderArgs) {
  // A redirect of the gateway carries the token in the query, our own page in the fragment.
  const token = window.location.pathname.endsWith(params.number)
    ? window.location.hash.slice(1) || new URL(request.url).searchParams.get("token")
    : new URL(request.url).hash.slice(1);
  return { order: await openOrder(params.number, token) };
}

export function HydrateFallback() {
  return (
    <div className="wrap max-w-[44rem]! py-section" aria-busy="true">
      <h1 className="display text-3xl">Payment</h1>
      <noscript>
        <p className="mt-4">Paying needs JavaScript: the payment window cannot open without it.</p>
      </noscript>
    </div>
  );
}

export function ErrorBoundary({ error, params }: Route.ErrorBoundaryProps) {
  return <OrderError error={error} number={params.number} />;
}

export default function PayPage({ loaderData, params: { number } }: Route.ComponentProps) {
  const { order, phase, why, pay, change } = usePaying(number, loaderData.order);
  const zones = useZones();
  const heading = useRef<HTMLHeadingElement>(null);
  const ended = hasEnded(order);
  const reviewed = inReview(order);

  useEffect(() => {
    if (phase !== "open" && phase !== "opening") heading.current?.focus();
  }, [phase]);

  const held = holdText(order, zones);
  const { title, text } = paymentState(order, phase === "over" ? Number.POSITIVE_INFINITY : Date.now(), zones);
  const view =
    ended || reviewed
      ? { title, text, act: null }
      : {
          ready: { title: "Ready when you are.", text: `Nothing is charged yet. ${held}`, act: "Resume payment" },
          opening: { title: "Pay securely…", text: "The payment window is on its way.", act: null },
          open: { title: "Continue in the payment window.", text: held, act: "Bring it back" },
          elsewhere: {
            title: "The payment window is open in another tab.",
            text: `Continue there, or pay here and the other window closes. ${held}`,
            act: "Pay here instead",
          },
          dismissed: { title: "No payment yet.", text: `We have not received one. ${held}`, act: "Resume payment" },
          failed: { title: "The bank said no.", text: `We have received no payment. ${why} ${held}`, act: "Try again" },
          confirming: {
            title: "We have it, and are confirming with the bank.",
            text: "Safe to close: the confirmation also comes by e-mail.",
            act: null,
          },
          late: {
            title: "The bank is taking its time.",
            text: `We go on asking, and write to ${order.email} as soon as it answers. Safe to close.`,
            act: null,
          },
          over: { title, text, act: null },
          unreachable: {
            title: "The payment window did not open.",
            text: `We have received no payment. ${held}`,
            act: "Try again",
          },
        }[phase];

  return (
    <div className="wrap max-w-[44rem]! py-section">
      <div aria-live="polite" aria-busy={phase === "confirming" || phase === "over" || undefined}>
        <h1 ref={heading} tabIndex={-1} className="display text-3xl">
          {view.title}
        </h1>
        <p className="mt-4 text-lg text-ink-2">{view.text}</p>
      </div>
      <div className="mt-8 flex flex-wrap items-center gap-6">
        {view.act && (
          <Button
            onClick={() =>
              pay(phase === "failed" || phase === "unreachable", {
                takeOver: phase === "elsewhere" || phase === "open",
              })
            }
          >
            <span>{view.act}</span>
          </Button>
        )}
        {view.act && (phase === "ready" || phase === "dismissed") && order.can_cancel && (
          <button type="button" className="link min-h-6 text-sm" onClick={change}>
            Change details
          </button>
        )}
        {phase === "failed" && !ended && (
          <button type="button" className="link min-h-6 text-sm" onClick={() => pay(true)}>
            Another way to pay
          </button>
        )}
        {ended && (
          <Link to="/bag" className="link">
            Back to bag
          </Link>
        )}
        {(phase === "late" || reviewed) && (
          <Link to={`/orders/${number}`} className="link">
            See the order
          </Link>
        )}
      </div>
      <Bought order={order} />
    </div>
  );
}
