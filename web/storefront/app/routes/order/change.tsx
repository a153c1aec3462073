import { isProblem } from "@noirel/shared/api/problem";
import type { Order } from "@noirel/shared/api/types";
import { formatMoney } from "@noirel/shared/money";
import { Button } from "@noirel/shared/ui/button";
import { useRef, useState } from "react";
import { Link } from "react-router";
import { useShop } from "../../layout/shop-context";
import { isOnHold, isPaid, orderCall } from "../../payment/read";

/** What can still be done about it: let go of before it is packed, sent back after it came, or kept on paper. */
export function Change({ order, onChanged }: { order: Order; onChanged: () => Promise<void> }) {
  const { returns_days } = useShop();
  const [asked, setAsked] = useState(false);
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState("");
  const sure = useRef<HTMLParagraphElement>(null);
  const over = ["cancelled", "expired"].includes(order.status) || order.payment_status === "refunded";

  const ask = () => {
    setRefusal("");
    setAsked(true);
    requestAnimationFrame(() => sure.current?.focus());
  };
  const cancel = async () => {
    setBusy(true);
    try {
      await orderCall<Order>(order.number, "/cancel", { reason: "" });
    } catch (error) {
      if (!isProblem(error)) throw error;
      setRefusal(error.detail || error.title);
    } finally {
      setBusy(false);
      setAsked(false);
    }
    await onChanged();
  };

  return (
    <section className="print:hidden">
      <h2 className="text-sm font-medium">To change it</h2>
      <div className="mt-2 grid justify-items-start gap-3 text-[0.9375rem] text-ink-2">
        {refusal && (
          <p role="alert" className="text-ink">
            {refusal}
          </p>
        )}
        {order.can_cancel && !asked && (
          <button type="button" className="link min-h-6" onClick={ask}>
            Cancel the order
          </button>
        )}
        {order.can_cancel && asked && (
          <>
            <p ref={sure} tabIndex={-1} className="numerals text-ink">
              Cancel all of {order.number}? {comesBack(order)}
            </p>
            <Button look="plain" size="low" busy={busy} onClick={cancel}>
              Cancel it
            </Button>
            <button type="button" className="link min-h-6" onClick={() => setAsked(false)}>
              Keep it
            </button>
          </>
        )}
        {!over && isPaid(order) && !order.can_cancel && (
          <p>
            {!isOnHold(order) &&
              order.status !== "delivered" &&
              `${order.fulfilment_status === "partial" ? "Part of it" : "It"} has been packed, and can’t be cancelled any more. `}
            Sealed flacons come back within {returns_days} days.{" "}
            <Link to="/returns-policy" className="link">
              How to return it
            </Link>
          </p>
        )}
        <button type="button" className="link min-h-6" onClick={() => window.print()}>
          Print this page
        </button>
        <Link to="/help" className="link">
          Help
        </Link>
      </div>
    </section>
  );
}

/** What cancelling does with the money. */
function comesBack({ totals, refunds, payment, ...order }: Order): string {
  if (!isPaid(order))
    return payment.is_set_aside
      ? "Your bank lets go of the sum."
      : "We have received no payment. If one still arrives, it goes back the way it came.";
  const gone = refunds.filter(({ status }) => status !== "failed").reduce((all, { amount }) => all + amount.amount, 0);
  const left = totals.total.amount - gone - payment.taken_back.amount;
  if (left <= 0) return "Your money has gone back to you already.";
  return `${formatMoney({ ...totals.total, amount: left })} goes back the way it came.`;
}
