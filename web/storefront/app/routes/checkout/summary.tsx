import type { Cart } from "@noirel/shared/api/types";
import { formatMoney } from "@noirel/shared/money";
import { Plate } from "@noirel/shared/ui/plate";
import { lineDetail } from "../../cart/lines";
import { deliveryOf, TotalsList } from "../../cart/totals";
import { useShop } from "../../layout/shop-context";
import { aheadWords } from "../../parts/ahead";

function Pieces({ cart, stale }: { cart: Cart; stale: boolean }) {
  const { samples, time_zone } = useShop();
  const chosen = samples.items.filter(({ sku }) => cart.samples.includes(sku));
  return (
    <>
      <ul>
        {cart.lines.map((line) => (
          <li
            key={line.id}
            className="grid grid-cols-[4.5rem_1fr_auto] gap-4 border-b border-line py-4 text-[0.9375rem] leading-snug"
          >
            <Plate picture={line.image} attributes={line.product.attributes} sizes="72px" alt="" />
            <div className="min-w-0">
              <h3 className="display mb-1 text-[1.5rem] leading-none break-words">{line.product.name}</h3>
              <p className="text-sm text-ink-2">{lineDetail(line)}</p>
              {line.quantity > 1 && <p className="numerals text-sm text-ink-2">Quantity {line.quantity}</p>}
              {line.ahead && (
                <p className="numerals mt-1 text-sm text-ink-2">{aheadWords(line.ahead, line.quantity, time_zone)}.</p>
              )}
              {cart.warnings
                .filter(({ line_id }) => line_id === line.id)
                .map(({ code, message }) => (
                  <p key={code} className="mt-1 text-sm text-warning">
                    {message}
                  </p>
                ))}
            </div>
            <span className="numerals">{formatMoney(line.total)}</span>
          </li>
        ))}
      </ul>
      {(chosen.length > 0 || cart.gift.wrap) && (
        <p className="border-b border-line py-3 text-sm text-ink-2">
          {[cart.gift.wrap && "Gift wrap", chosen.length > 0 && `Samples: ${chosen.map(({ name }) => name).join(", ")}`]
            .filter(Boolean)
            .join(". ")}
        </p>
      )}
      <div className="pt-5">
        <TotalsList totals={cart.totals} delivery={deliveryOf(cart)} stale={stale} />
      </div>
    </>
  );
}

const pieces = (count: number) => `${count} ${count === 1 ? "piece" : "pieces"}`;

/** The column of the desk. */
export function SummaryColumn({ cart, stale }: { cart: Cart; stale: boolean }) {
  return (
    <aside aria-label="Your bag" className="border-s border-line bg-sunk px-10 pt-4 pb-12 max-desk:hidden">
      <Pieces cart={cart} stale={stale} />
    </aside>
  );
}

/** The bar of phones, which opens the same. */
export function SummaryBar({ cart, stale }: { cart: Cart; stale: boolean }) {
  return (
    <details className="sticky top-0 z-10 -mx-gutter border-y border-line bg-sunk px-gutter desk:hidden">
      <summary className="flex min-h-14 items-center justify-between gap-4 text-[0.9375rem]">
        <span>Your bag, {pieces(cart.item_count)}</span>
        <b className={`numerals font-medium ${stale ? "text-ink-3" : ""}`}>{formatMoney(cart.totals.total)}</b>
      </summary>
      <div className="max-h-[70dvh] overflow-y-auto pb-5">
        <Pieces cart={cart} stale={stale} />
      </div>
    </details>
  );
}
