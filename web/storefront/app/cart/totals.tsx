import type { Cart, Totals } from "@noirel/shared/api/types";
import { formatMoney } from "@noirel/shared/money";

/** What the amount of the delivery line rests on. */
export type Delivery = "chosen" | "estimated" | "unavailable";

/** Until a method is chosen, a cart's total contains the first one that delivers there; that is an estimate, and says so. */
export function deliveryOf(cart: Pick<Cart, "shipping_method" | "is_deliverable">): Delivery {
  if (!cart.is_deliverable) return "unavailable";
  return cart.shipping_method === null ? "estimated" : "chosen";
}

/** What it comes to, as the server says: a line for every summand of the total. Dimmed while an answer is on its way. */
export function TotalsList({
  totals,
  delivery,
  stale = false,
}: {
  totals: Totals;
  delivery: Delivery;
  stale?: boolean;
}) {
  return (
    <dl
      aria-busy={stale || undefined}
      className={`numerals grid gap-2 text-[0.9375rem] transition-colors duration-(--t-state) ${stale ? "text-ink-3 **:text-ink-3" : ""}`}
    >
      <Row name="Subtotal">{formatMoney(totals.subtotal)}</Row>
      {totals.discount.amount > 0 && <Row name="Discount">−{formatMoney(totals.discount)}</Row>}
      <Row name={delivery === "estimated" ? "Delivery, estimated" : "Delivery"}>
        {delivery === "unavailable"
          ? "Not available there"
          : totals.shipping.amount === 0
            ? "Free"
            : formatMoney(totals.shipping)}
      </Row>
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
