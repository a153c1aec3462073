import type { Order } from "@noirel/shared/api/types";
import { formatMoney } from "@noirel/shared/money";
import { useZones } from "../../parts/zones";
import { paidWords } from "../../payment/paid";
import { refundDay } from "../../payment/payment-state";

/** How it was paid, or where paying stands. */
export function Paid({ order }: { order: Order }) {
  const zones = useZones();
  return (
    <section>
      <h2 className="text-sm font-medium">Payment</h2>
      <p className="numerals mt-2 text-[0.9375rem] text-pretty text-ink-2">{paidWords(order, zones)}</p>
    </section>
  );
}

const BACK: Record<string, string> = {
  pending: "On its way back",
  processed: "Went back",
  failed: "Not sent back yet",
};

/** Each sum that went back, with its day. */
export function Refunds({ refunds }: { refunds: Order["refunds"] }) {
  const zones = useZones();
  if (refunds.length === 0) return null;
  return (
    <dl aria-label="Sent back" className="numerals grid gap-2 border-t border-line pt-4 text-[0.9375rem]">
      {refunds.map((refund) => (
        <div key={refund.id} className="flex justify-between gap-4">
          <dt>
            {BACK[refund.status] ?? "On its way back"}
            <span className="block text-sm text-ink-2">{refundDay(refund, zones)}</span>
          </dt>
          <dd>−{formatMoney(refund.amount)}</dd>
        </div>
      ))}
    </dl>
  );
}
