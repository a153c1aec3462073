import { formatMoney } from "@noirel/shared/money";
import { Link } from "react-router";
import type { AdminOrder, ReviewItem } from "../../types";
import { Panel } from "../../ui/Panel";
import { Status } from "../../ui/Status";
import { when } from "../../ui/time";
import { useRefresh } from "../../ui/useRefresh";
import { byWhom } from "./actors";
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
  staff: "",
  cancel: "automatic",
  stray: "automatic",
  external: "made at the gateway",
};
/** Reasons that the shop itself gives for a refund. What staff chose or wrote is shown as it is. */
const reasons: Record<string, string> = {
  late: "Paid after the order had ended",
  duplicate: "Paid twice",
  mismatch: "Wrong amount",
  unmatched: "Unmatched payment",
  cancelled: "Order cancelled",
  "more than was asked for": "Overpaid",
  "made at the gateway": "",
};

/** "Returned, by Ira Menon", "Paid twice, automatic": why money goes back, and who sends it. */
export function refundWords({ reason, actor, origin }: Pick<Refund, "reason" | "actor" | "origin">): string {
  const by = actor && actor !== "system" ? byWhom(actor) : origins[origin] || (actor ? "automatic" : "");
  const words = [reasons[reason] ?? reason, by].filter(Boolean).join(", ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const extraWords: Record<Refund["status"], string> = {
  pending: "refund on its way",
  processed: "refunded",
  failed: "refund failed",
};

type Extra = { id: string; amount: Refund["amount"]; status: Refund["status"]; reason: string; created_at: string };

/** Payments that came in beside the order's own, and what becomes of their money. They are known by the refunds of them. */
export function extraPayments({ payments, refunds }: Pick<AdminOrder, "payments" | "refunds">): Extra[] {
  const own = new Set(payments.map(({ gateway_payment_id }) => gateway_payment_id));
  const extra = new Map<string, Extra>();
  for (const { gateway_payment_id: id, origin, amount, status, reason, created_at } of refunds) {
    if (origin !== "stray" || !id || own.has(id)) continue;
    const before = extra.get(id);
    // A refund that failed is followed by another one of the same money.
    const sum = before && before.status !== "failed" ? before.amount.amount + amount.amount : amount.amount;
    extra.set(id, {
      id,
      amount: { ...amount, amount: sum },
      status,
      reason,
      created_at: before?.created_at ?? created_at,
    });
  }
  return [...extra.values()];
}

/** Every attempt to pay and every payment beside them, in the words of what became of it. */
export function Payments({ order }: { order: AdminOrder }) {
  const extra = extraPayments(order);
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
              <Said words={statusLabel(order, payment)} />
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
        {extra.map((payment) => (
          <li key={payment.id} className="grid grid-cols-[1fr_auto] gap-x-3 border-t border-line px-4 py-2.5">
            <span className="font-medium">
              <Said words={[reasons[payment.reason] || "Not asked for", "bad", false]} />
              <span className="font-normal text-ink-2">, {extraWords[payment.status]}</span>
            </span>
            <span className="text-end">{formatMoney(payment.amount)}</span>
            <span className="overflow-hidden font-mono text-xs text-ellipsis text-ink-3">{payment.id}</span>
            <time dateTime={payment.created_at} className="text-end text-xs text-ink-3">
              {when(payment.created_at)}
            </time>
          </li>
        ))}
      </ul>
      {order.payments.length || extra.length ? null : (
        <p className="border-t border-line px-4 py-4 text-ink-2">No attempt yet.</p>
      )}
    </Panel>
  );
}

function statusLabel(order: AdminOrder, payment: Payment): Words {
  if (payment.error_reason === "let_go") return ["Not captured in time, released by the bank", "off", false];
  if (payment.status === "captured" && !order.paid_at) return ["Paid after the order had ended", "bad", false];
  return paid[payment.status] ?? [payment.status, "off", false];
}

/** Money that goes back. While any of it is under way the page asks again, so that its end is seen. */
export function Refunds({ order }: { order: AdminOrder }) {
  useRefresh(order.as_of === null && order.refunds.some((refund) => refund.status === "pending"), 5000);
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
            <span className="text-ink-2">{refundWords(refund)}</span>
            <time dateTime={refund.created_at} className="text-end text-xs text-ink-3">
              {when(refund.processed_at ?? refund.created_at)}
            </time>
            {refund.note ? <span className="col-span-2 text-xs text-ink-2">{refund.note}</span> : null}
            {refund.gateway_refund_id ? (
              <span className="col-span-2 overflow-hidden font-mono text-xs text-ellipsis text-ink-3">
                {refund.gateway_refund_id}
                {refund.gateway_payment_id ? ` of ${refund.gateway_payment_id}` : ""}
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
function ToQueue({ item }: { item: ReviewItem | undefined }) {
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
