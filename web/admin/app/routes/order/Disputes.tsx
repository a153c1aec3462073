import { formatMoney } from "@noirel/shared/money";
import { Link } from "react-router";
import { hasPermission } from "../../session/session";
import type { AdminOrder } from "../../types";
import { Panel } from "../../ui/Panel";
import { Status } from "../../ui/Status";
import { left, when } from "../../ui/time";

type Dispute = AdminOrder["disputes"][number];

const words: Record<Dispute["status"], [string, "good" | "wait" | "bad" | "off", boolean]> = {
  open: ["Waiting for our answer", "bad", true],
  under_review: ["Under review by the bank", "wait", true],
  won: ["Won, the money stays", "good", false],
  closed: ["Closed, the money stays", "good", false],
  lost: ["Lost", "bad", false],
};

/** What an open or lost dispute means for the order, above everything else on its page. */
export function DisputeNotice({ order }: { order: AdminOrder }) {
  const text = noticeOf(order);
  if (!text) return null;
  return (
    <p role="status" className="mb-4 rounded-panel border border-danger bg-raised px-4 py-2.5">
      {text}
    </p>
  );
}

/** Empty when there is nothing to say: no dispute, or one that ended well. */
export function noticeOf(
  order: Pick<AdminOrder, "dispute_status" | "status" | "refundable"> & {
    payment: Pick<AdminOrder["payment"], "taken_back">;
    shipments: readonly Pick<AdminOrder["shipments"][number], "status">[];
  },
): string {
  if (order.dispute_status === "open") {
    return order.status === "paid"
      ? "The buyer’s bank is reviewing this payment. Wait for its decision before sending, refunding or cancelling."
      : "The buyer’s bank is reviewing this payment. A refund now could send the money twice.";
  }
  if (order.dispute_status !== "lost") return "";
  const taken = formatMoney(order.payment.taken_back);
  const isPacked = order.shipments.some(({ status }) => status === "packed");
  if (order.status === "paid" && order.refundable.amount) {
    const act = isPacked
      ? "Send the packed parcel, or unpack it and refund the rest."
      : "Send the order, or cancel it and refund the rest.";
    return `The buyer’s bank has taken ${taken} back. ${formatMoney(order.refundable)} of the payment is left. ${act}`;
  }
  if (isPacked) {
    return `The buyer’s bank has taken ${taken} back. A packed parcel has not left: unpack it, then cancel the order.`;
  }
  if (order.status === "paid") {
    return `The buyer’s bank has taken ${taken} back. Cancel the order to release its stock.`;
  }
  if (order.status === "cancelled") return `The buyer’s bank has taken ${taken} back. The order is closed.`;
  return `The buyer’s bank has taken ${taken} back after the order was sent. It is written off in the books.`;
}

/** Every dispute over the order's payments, with its deadline or its end. */
export function Disputes({ order }: { order: AdminOrder }) {
  if (!order.disputes.length) return null;
  return (
    <Panel title="Disputes">
      <ul>
        {order.disputes.map((dispute) => (
          <li key={dispute.id} className="grid grid-cols-[1fr_auto] gap-x-3 border-t border-line px-4 py-2.5">
            <span className="font-medium">
              <Status tone={words[dispute.status][1]} ring={words[dispute.status][2]}>
                {words[dispute.status][0]}
              </Status>
            </span>
            <span className="text-end">
              {formatMoney(dispute.status === "lost" ? dispute.amount_deducted : dispute.amount)}
            </span>
            <span className="text-ink-2">{sentence(dispute.reason_code) || "No reason given"}</span>
            <time dateTime={dispute.created_at} className="text-end text-xs text-ink-3">
              {when(dispute.resolved_at ?? dispute.created_at)}
            </time>
            <span className="col-span-2 overflow-hidden font-mono text-xs text-ellipsis text-ink-3">{dispute.id}</span>
            {dispute.status === "open" && dispute.respond_by ? (
              <p className="col-span-2 pt-1 text-xs text-danger">
                Answer {left(dispute.respond_by)}, by {when(dispute.respond_by)}.{" "}
                {hasPermission("orders.refund") ? (
                  <Link to="/desk?kind=dispute" className="underline underline-offset-4">
                    Open the review queue
                  </Link>
                ) : null}
              </p>
            ) : null}
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function sentence(code: string): string {
  const text = code.replaceAll("_", " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}
