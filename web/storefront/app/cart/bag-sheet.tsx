import { formatMoney } from "@noirel/shared/money";
import { buttonClass } from "@noirel/shared/ui/button";
import { Empty } from "@noirel/shared/ui/empty";
import { Sheet } from "@noirel/shared/ui/sheet";
import { useEffect } from "react";
import { Link, useLocation } from "react-router";
import { useBag } from "./bag";
import { Extras } from "./extras";
import { Lines, Undo } from "./lines";
import { deliveryOf, TotalsList } from "./totals";

export function BagSheet() {
  const { sheet, cart, close, wanted, going, known } = useBag();
  const { key } = useLocation();
  // Any navigation closes it, the browser's own back included.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the location's key is what tells one navigation from the next.
  useEffect(close, [key]);
  const lines = cart?.lines.filter(({ id }) => !going.includes(id)) ?? [];
  const stale = going.length > 0 || Object.keys(wanted).length > 0;
  return (
    <Sheet
      open={sheet !== null}
      onClose={close}
      title={sheet ? `Added: ${sheet}` : "Your bag"}
      footer={
        cart &&
        lines.length > 0 && (
          <div className="grid gap-4">
            <TotalsList totals={cart.totals} delivery={deliveryOf(cart)} stale={stale} />
            <Link to="/checkout" className={`${buttonClass()} justify-between!`}>
              <span>Checkout</span>
              <span className={`numerals ${stale ? "opacity-50" : ""}`}>{formatMoney(cart.totals.total)}</span>
            </Link>
          </div>
        )
      }
    >
      {sheet !== null && (
        <>
          <Undo />
          {cart && lines.length > 0 ? (
            <>
              <Lines lines={cart.lines} />
              <Extras key={cart.id} cart={cart} />
            </>
          ) : (
            known && (
              <Empty title="Nothing yet. The night is long.">
                <Link to="/perfumes" className="link">
                  Choose an hour
                </Link>
              </Empty>
            )
          )}
        </>
      )}
    </Sheet>
  );
}
