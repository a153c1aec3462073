import { formatMoney } from "@noirel/shared/money";
import { useEffect } from "react";
import { Link, useRevalidator } from "react-router";
import type { AdminOrder, DeskItem } from "../../types";
import { Panel } from "../../ui/Panel";
import { Status } from "../../ui/Status";
import { when } from "../../ui/time";
import { failureOf } from "./failures";
import { useQueue } from "./useQueue";

type Payment = AdminOrder["payments"][number];
type Refund = AdminOrder["refunds"][number];
type Words = [string, "good" | "wait" | "bad" | "off", boolean];

const paid: Record<string, Words> = {
  created: ["Awaiting payment", "off", true],
  failed: ["Failed", "bad", true],
  authorized: ["Authorised, not captured", "wait", true],
  captured: ["Captured", "good", false],
  quarantined: ["Wrong amount", "bad", false],
};
const back: Record<string, Words> = {
  pending: ["Refund on its way", "wait", true],
  processed: ["Refunded", "good", false],
  failed: ["Refund failed", "bad", false],
};
const origins: Record<Refund["origin"], string> = {
  staff: "by hand",
  cancel: "with the order’s end",
  stray: "it paid for nothing",
  external: "made at the gateway",
};

/** Every attempt to pay, in the words of what became of it. */
export function Payments({ order }: { order: AdminOrder }) {
  const queue = useQueue(
    order,
    order.payments.some(({ status }) => status === "quarantined"),
  );
  return (
    <Panel title="Payments">
      <ul>
        {order.payments.map((payment) => (
          <li key={payment.id} className="grid grid-cols-[1fr_auto] gap-x-3 border-t border-line px-4 py-2.5">
            <span className="font-medium">
              <Said words={fateOf(order, payment)} />
              {payment.method ? <span className="font-normal text-ink-2"> {payment.method}</span> : null}
            </span>
            <span className="text-end">{formatMoney(payment.amount)}</span>
            <span className="overflow-hidden font-mono text-xs text-ellipsis text-ink-3">
              {payment.gateway_payment_id ?? payment.gateway_order_id ?? "not at the gateway yet"}
            </span>
            <time dateTime={payment.created_at} className="text-end text-xs text-ink-3">
              {when(payment.captured_at ?? payment.created_at)}
            </time>
            {failureOf(payment) ? <p className="col-span-2 text-xs text-danger">{failureOf(payment)}</p> : null}
            {payment.status === "quarantined" ? (
              <p className="col-span-2 pt-1 text-xs text-ink-2">
                It doesn’t mark the order paid.
                <ToQueue item={queue.find(({ subject }) => subject === payment.gateway_payment_id)} />
              </p>
            ) : null}
          </li>
        ))}
      </ul>
      {order.payments.length ? null : <p className="border-t border-line px-4 py-4 text-ink-2">No attempt yet.</p>}
    </Panel>
  );
}

function fateOf(order: AdminOrder, payment: Payment): Words {
  if (payment.error_reason === "let_go") return ["Not captured in time, released by the bank", "off", false];
  if (payment.status === "captured" && !order.paid_at) return ["Paid after the order had ended", "bad", false];
  return paid[payment.status] ?? [payment.status, "off", false];
}

/** Money that goes back. While any of it is under way the page asks again, so that its end is seen. */
export function Refunds({ order }: { order: AdminOrder }) {
  const reload = useRevalidator();
  const waits = order.as_of === null && order.refunds.some((refund) => refund.status === "pending");
  useEffect(() => {
    if (!waits) return;
    const timer = setInterval(() => {
      if (document.visibilityState === "visible" && reload.state === "idle") void reload.revalidate();
    }, 5000);
    return () => clearInterval(timer);
  }, [waits, reload]);
  const queue = useQueue(
    order,
    order.refunds.some(({ status }) => status === "failed"),
  );
  if (!order.refunds.length) return null;
  return (
    <Panel
      title="Refunds"
      aside={order.refundable.amount ? `${formatMoney(order.refundable)} left to refund` : "Nothing left to refund"}
    >
      <ul aria-live="polite">
        {order.refunds.map((refund) => (
          <li key={refund.id} className="grid grid-cols-[1fr_auto] gap-x-3 border-t border-line px-4 py-2.5">
            <span className="font-medium">
              <Said words={back[refund.status] ?? [refund.status, "off", false]} />
            </span>
            <span className="text-end">{formatMoney(refund.amount)}</span>
            <span className="text-ink-2">
              {[refund.reason, refund.actor || origins[refund.origin]].filter(Boolean).join(", ")}
            </span>
            <time dateTime={refund.created_at} className="text-end text-xs text-ink-3">
              {when(refund.processed_at ?? refund.created_at)}
            </time>
            {refund.note ? <span className="col-span-2 text-xs text-ink-2">{refund.note}</span> : null}
            {refund.gateway_refund_id ? (
              <span className="col-span-2 overflow-hidden font-mono text-xs text-ellipsis text-ink-3">
                {refund.gateway_refund_id}
              </span>
            ) : null}
            {refund.status === "failed" ? (
              <p className="col-span-2 pt-1 text-xs text-danger">
                {refund.failure || "The gateway gave no reason."}
                <ToQueue item={queue.find(({ id }) => id === `refund-${refund.id}`)} />
              </p>
            ) : null}
          </li>
        ))}
      </ul>
    </Panel>
  );
}

/** Leads to the item of the review queue, while it waits for a decision. */
function ToQueue({ item }: { item: DeskItem | undefined }) {
  if (!item) return null;
  return (
    <>
      {" "}
      <Link to={`/desk?item=${encodeURIComponent(item.id)}`} className="underline underline-offset-4">
        Open in the review queue
      </Link>
    </>
  );
}

function Said({ words: [word, tone, ring] }: { words: Words }) {
  return (
    <Status tone={tone} ring={ring}>
      {word}
    </Status>
  );
}
