import { formatMoney } from "@noirel/shared/money";
import { useState } from "react";
import { Link, type LoaderFunctionArgs, useLoaderData, useRevalidator } from "react-router";
import { orders } from "../../api";
import { useKeys } from "../../layout/useKeys";
import { may } from "../../session/session";
import type { AdminOrder } from "../../types";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { TextArea, TextField } from "../../ui/Field";
import { PageTitle, Panel } from "../../ui/Panel";
import { FulfilmentStatus, OrderStatus, PaymentStatus } from "../../ui/Status";
import { said } from "../../ui/said";
import { Thumb } from "../../ui/Thumb";
import { useToast } from "../../ui/Toast";
import { when } from "../../ui/time";
import { useTitle } from "../../ui/useTitle";
import { AddressBlock } from "./AddressBlock";
import { nextActs } from "./acts";

export async function loader({ params, request }: LoaderFunctionArgs): Promise<AdminOrder> {
  return orders.get(params.number ?? "", request.signal);
}

type Asked = "fulfil" | "cancel" | null;

export function Component() {
  const order = useLoaderData<AdminOrder>();
  const reload = useRevalidator();
  const say = useToast();
  const [asked, ask] = useState<Asked>(null);
  const [busy, work] = useState(false);
  useTitle(order.number);
  const acts = nextActs(order, may);

  async function act(
    verb: "fulfil" | "ship" | "deliver" | "cancel" | "notes",
    body: object,
    done: string,
  ): Promise<boolean> {
    work(true);
    try {
      await orders.act(order.number, verb, body);
      say(done);
      ask(null);
      await reload.revalidate();
      return true;
    } catch (error) {
      say(said(error));
      return false;
    } finally {
      work(false);
    }
  }

  useKeys({ f: () => acts.includes("fulfil") && ask("fulfil") });

  return (
    <>
      <nav aria-label="Breadcrumb" className="pt-1 text-ink-3">
        <Link to="/orders" className="inline-flex min-h-6 items-center underline-offset-4 hover:underline">
          Orders
        </Link>
      </nav>
      <PageTitle
        aside={
          <>
            {acts.includes("cancel") ? (
              <Button kind="danger" onClick={() => ask("cancel")}>
                Cancel order
              </Button>
            ) : null}
            {acts.includes("deliver") ? (
              <Button
                kind="primary"
                busy={busy}
                onClick={() => act("deliver", {}, `${order.number} is marked delivered`)}
              >
                Mark delivered
              </Button>
            ) : null}
            {acts.includes("fulfil") ? (
              <Button kind="primary" onClick={() => ask("fulfil")}>
                Fulfil
                <span
                  aria-hidden="true"
                  className="rounded-[4px] border border-current px-1 font-sans text-xs opacity-70"
                >
                  F
                </span>
              </Button>
            ) : null}
          </>
        }
      >
        <bdi>{order.number}</bdi>
      </PageTitle>
      <p className="-mt-2 flex flex-wrap items-center gap-x-5 gap-y-1 pb-4 text-ink-2">
        <OrderStatus value={order.status} />
        <span>
          Payment: <PaymentStatus value={order.payment_status} />
        </span>
        <span>
          Fulfilment: <FulfilmentStatus value={order.fulfilment_status} />
        </span>
        <time dateTime={order.placed_at}>{when(order.placed_at)}</time>
        {order.held_until ? <span>Held until {when(order.held_until)}</span> : null}
      </p>

      <div className="grid items-start gap-4 wide:grid-cols-[minmax(0,1fr)_20.5rem]">
        <div className="grid gap-4">
          <Panel title="Items">
            <ul>
              {order.lines.map((line) => (
                <li
                  key={line.id}
                  className="grid grid-cols-[auto_1fr_auto] items-center gap-3 border-t border-line px-4 py-2.5"
                >
                  <Thumb picture={line.image} className="w-10" />
                  <div>
                    <p className="font-medium">
                      {line.name} <span className="font-normal text-ink-2">{line.variant_title}</span>
                    </p>
                    <p className="font-mono text-xs text-ink-3">{line.sku}</p>
                    {line.engraving ? <p className="text-xs text-ink-2">Engraved “{line.engraving}”</p> : null}
                    <p className="text-xs text-ink-2">
                      {line.fulfilled_quantity} of {line.quantity} fulfilled
                    </p>
                  </div>
                  <div className="text-end">
                    <p>{formatMoney(line.total)}</p>
                    <p className="text-xs text-ink-3">
                      {line.quantity} × {formatMoney(line.unit_price)}
                    </p>
                  </div>
                </li>
              ))}
            </ul>
            <dl className="grid gap-1 border-t border-line px-4 py-3">
              <Sum name="Subtotal">{formatMoney(order.totals.subtotal)}</Sum>
              {order.totals.discount.amount ? <Sum name="Discount">−{formatMoney(order.totals.discount)}</Sum> : null}
              <Sum name={order.shipping_method.name}>
                {order.totals.shipping.amount ? formatMoney(order.totals.shipping) : "Free"}
              </Sum>
              <Sum name="Total" strong>
                {formatMoney(order.totals.total)}
              </Sum>
              <Sum name="of which GST">{formatMoney(order.totals.tax)}</Sum>
            </dl>
          </Panel>

          <Panel title="Payments">
            <ul>
              {order.payments.map((payment) => (
                <li key={payment.id} className="grid grid-cols-[1fr_auto] gap-x-3 border-t border-line px-4 py-2.5">
                  <span className="font-medium">
                    {payment.status}
                    {payment.method ? `, ${payment.method}` : ""}
                  </span>
                  <span className="text-end">{formatMoney(payment.amount)}</span>
                  <span className="overflow-hidden font-mono text-xs text-ellipsis text-ink-3">
                    {payment.gateway_payment_id ?? payment.gateway_order_id ?? "not yet at the gateway"}
                  </span>
                  <time dateTime={payment.created_at} className="text-end text-xs text-ink-3">
                    {when(payment.captured_at ?? payment.created_at)}
                  </time>
                  {payment.error_description ? (
                    <p className="col-span-2 text-xs text-danger">{payment.error_description}</p>
                  ) : null}
                </li>
              ))}
            </ul>
            {order.payments.length ? null : (
              <p className="border-t border-line px-4 py-4 text-ink-2">No attempt yet.</p>
            )}
          </Panel>

          <Panel title="Timeline">
            <ol className="border-t border-line px-4 py-3">
              {[...order.events].reverse().map((event) => (
                <li key={`${event.at}${event.type}${event.message}`} className="grid grid-cols-[1fr_auto] gap-3 py-1.5">
                  <span>
                    {event.message}
                    {event.actor ? <span className="text-ink-3"> by {event.actor}</span> : null}
                  </span>
                  <time dateTime={event.at} className="text-ink-3">
                    {when(event.at)}
                  </time>
                </li>
              ))}
            </ol>
            <NoteForm onSave={(text) => act("notes", { text }, "The note is kept")} busy={busy} notes={order.notes} />
          </Panel>
        </div>

        <div className="grid gap-4">
          <Panel title="Customer">
            <div className="border-t border-line px-4 py-3">
              <p className="font-medium">{order.customer.name}</p>
              <p className="break-all">
                <a href={`mailto:${order.customer.email}`} className="underline underline-offset-4">
                  {order.customer.email}
                </a>
              </p>
              <p className="pt-1 text-ink-2">
                {order.customer.id ? "Has an account" : "Guest"}, {order.customer.orders_count}{" "}
                {order.customer.orders_count === 1 ? "order" : "orders"}
              </p>
            </div>
          </Panel>
          <Panel title="Delivery">
            <AddressBlock address={order.shipping_address} />
            <p className="border-t border-line px-4 py-3 text-ink-2">
              {order.shipping_method.name}. {order.shipping_method.promise.text}
            </p>
            {order.shipments.map((shipment) => (
              <p key={shipment.id} className="border-t border-line px-4 py-3">
                {shipment.carrier || "Sent"}{" "}
                {shipment.tracking_url ? (
                  <a href={shipment.tracking_url} className="font-mono text-xs underline underline-offset-4">
                    {shipment.tracking_number}
                  </a>
                ) : (
                  <span className="font-mono text-xs">{shipment.tracking_number}</span>
                )}
                <span className="block text-xs text-ink-3">
                  {shipment.delivered_at
                    ? `Delivered ${when(shipment.delivered_at)}`
                    : `Left ${shipment.shipped_at ? when(shipment.shipped_at) : "soon"}`}
                </span>
              </p>
            ))}
          </Panel>
          {order.gift.wrap || order.gift.message || order.samples.length || order.note ? (
            <Panel title="With care">
              <div className="grid gap-2 border-t border-line px-4 py-3">
                {order.gift.wrap ? <p>Gift wrapped{order.gift.hide_prices ? ", prices hidden" : ""}</p> : null}
                {order.gift.message ? (
                  <p className="font-display text-lg leading-tight">“{order.gift.message}”</p>
                ) : null}
                {order.samples.length ? <p>Samples: {order.samples.map((sample) => sample.name).join(", ")}</p> : null}
                {order.note ? <p className="text-ink-2">{order.note}</p> : null}
              </div>
            </Panel>
          ) : null}
        </div>
      </div>

      <Dialog title={`Fulfil ${order.number}`} open={asked === "fulfil"} onClose={() => ask(null)}>
        <form
          className="grid gap-4"
          onSubmit={(event) => {
            event.preventDefault();
            const form = new FormData(event.currentTarget);
            const carrier = String(form.get("carrier")).trim();
            const tracking_number = String(form.get("tracking_number")).trim();
            void act(
              "fulfil",
              carrier || tracking_number ? { carrier, tracking_number } : {},
              `${order.number} is fulfilled`,
            );
          }}
        >
          <p className="text-ink-2">
            Everything in this order that is not yet fulfilled leaves now. The tracking can be added later.
          </p>
          <TextField label="Carrier" name="carrier" autoComplete="off" />
          <TextField label="Tracking number" name="tracking_number" autoComplete="off" className="font-mono" />
          <div className="flex justify-end gap-2">
            <Button onClick={() => ask(null)}>Back</Button>
            <Button kind="primary" type="submit" busy={busy}>
              Fulfil order
            </Button>
          </div>
        </form>
      </Dialog>

      <Dialog title={`Cancel ${order.number}?`} open={asked === "cancel"} onClose={() => ask(null)}>
        <form
          className="grid gap-4"
          onSubmit={(event) => {
            event.preventDefault();
            const reason = String(new FormData(event.currentTarget).get("reason")).trim();
            void act("cancel", { reason }, `${order.number} is cancelled, its stock is free`);
          }}
        >
          <p className="text-ink-2">
            {formatMoney(order.totals.total)} was not paid. The flacons go back on the shelf. A cancelled order cannot
            be opened again.
          </p>
          <TextField label="Reason" name="reason" required autoComplete="off" />
          <div className="flex justify-end gap-2">
            <Button onClick={() => ask(null)}>Keep the order</Button>
            <Button kind="danger" type="submit" busy={busy}>
              Cancel {order.number}
            </Button>
          </div>
        </form>
      </Dialog>
    </>
  );
}

function Sum({ name, strong = false, children }: { name: string; strong?: boolean; children: React.ReactNode }) {
  return (
    <div className={`flex justify-between gap-4 ${strong ? "font-medium" : "text-ink-2"}`}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function NoteForm({
  onSave,
  busy,
  notes,
}: {
  onSave: (text: string) => Promise<boolean>;
  busy: boolean;
  notes: AdminOrder["notes"];
}) {
  return (
    <div className="border-t border-line px-4 py-3">
      {notes.map((note) => (
        <p key={note.id} className="pb-2">
          {note.text}{" "}
          <span className="text-xs text-ink-3">
            {note.author}, {when(note.at)}
          </span>
        </p>
      ))}
      <form
        className="grid gap-2"
        onSubmit={async (event) => {
          event.preventDefault();
          const form = event.currentTarget;
          const text = String(new FormData(form).get("text")).trim();
          if (text && (await onSave(text))) form.reset();
        }}
      >
        <TextArea label="Note for the house" name="text" hint="Seen by staff only." required rows={2} />
        <div>
          <Button type="submit" busy={busy}>
            Keep the note
          </Button>
        </div>
      </form>
    </div>
  );
}
