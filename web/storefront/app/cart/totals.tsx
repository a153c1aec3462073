import type { Totals } from "@noirel/shared/api/types";
import { formatMoney } from "@noirel/shared/money";

/** What it comes to, as the server says; dimmed while an answer is on its way. */
export function TotalsList({
  totals,
  method,
  stale = false,
}: {
  totals: Totals;
  /** Whether a delivery method is chosen: without one its price is not known. */
  method: boolean;
  stale?: boolean;
}) {
  return (
    <dl
      aria-busy={stale || undefined}
      className={`numerals grid gap-2 text-[0.9375rem] transition-opacity duration-(--t-state) ${stale ? "opacity-50" : ""}`}
    >
      <Row name="Subtotal">{formatMoney(totals.subtotal)}</Row>
      {totals.discount.amount > 0 && <Row name="Discount">−{formatMoney(totals.discount)}</Row>}
      {method && <Row name="Delivery">{totals.shipping.amount === 0 ? "Free" : formatMoney(totals.shipping)}</Row>}
      <div className="mt-2 flex items-baseline justify-between border-t border-line pt-4">
        <dt>
          Total
          <span className="block text-sm text-ink-2">
            {totals.tax.amount > 0 ? `includes ${formatMoney(totals.tax)} tax` : "tax included"}
          </span>
        </dt>
        <dd className="text-[1.5rem] font-medium tracking-[-0.01em]">{formatMoney(totals.total)}</dd>
      </div>
    </dl>
  );
}

function Row({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div className="flex justify-between gap-4">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
