import { formatMoney } from "@noirel/shared/money";
import { buttonClass } from "@noirel/shared/ui/button";
import { Sheet } from "@noirel/shared/ui/sheet";
import { useEffect } from "react";
import { Link, useLocation } from "react-router";
import { UnpaidOrders } from "../payment/unpaid-orders";
import { useUnpaidOrders } from "../payment/use-unpaid-orders";
import { useCart } from "./cart-context";
import { EmptyCart } from "./empty-cart";
import { Extras } from "./extras";
import { Lines, Undo } from "./lines";
import { deliveryOf, TotalsList } from "./totals";

export function CartSheet() {
  const { sheet, cart, close, pendingQuantities, removing } = useCart();
  const { key } = useLocation();
  // Any navigation closes it, the browser's own back included.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the location's key is what tells one navigation from the next.
  useEffect(close, [key]);
  const lines = cart?.lines.filter(({ id }) => !removing.includes(id)) ?? [];
  const stale = removing.length > 0 || Object.keys(pendingQuantities).length > 0;
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
      {sheet !== null && <Contents />}
    </Sheet>
  );
}

/** Mounted while the sheet is open: only then is it asked what is still to be paid. */
function Contents() {
  const { cart, removing, isLoaded } = useCart();
  const orders = useUnpaidOrders();
  const lines = cart?.lines.filter(({ id }) => !removing.includes(id)) ?? [];
  return (
    <>
      <Undo />
      {cart && lines.length > 0 ? (
        <>
          <Lines lines={cart.lines} />
          <Extras key={cart.id} cart={cart} />
          <div className="mt-6 empty:hidden">
            <UnpaidOrders orders={orders} />
          </div>
        </>
      ) : (
        <>
          <UnpaidOrders orders={orders} />
          {isLoaded && orders.isLoaded && <EmptyCart hasUnpaid={orders.open.length > 0} />}
        </>
      )}
    </>
  );
}
