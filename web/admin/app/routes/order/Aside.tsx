import type { AdminOrder } from "../../types";
import { Button } from "../../ui/Button";
import { Panel } from "../../ui/Panel";
import { onDay } from "../../ui/time";
import { AddressBlock } from "./AddressBlock";

/** Whose order it is, where it goes, and what was wished for with it. */
export function Aside({ order, onRevokeLinks }: { order: AdminOrder; onRevokeLinks: (() => void) | null }) {
  const { latest_on } = order.shipping_method.promise;
  return (
    <div className="grid gap-4">
      <Panel title="Customer">
        <div className="border-t border-line px-4 py-3">
          <p className="font-medium">{order.customer.name}</p>
          <p className="break-all">
            <a href={`mailto:${order.customer.email}`} className="underline underline-offset-4">
              {order.customer.email}
            </a>
          </p>
          <p className="pt-1 text-ink-2">
            {order.customer.id ? "Has an account" : "Guest"}, {order.customer.orders_count}{" "}
            {order.customer.orders_count === 1 ? "order" : "orders"}
          </p>
          {onRevokeLinks ? (
            <p className="pt-3">
              <Button onClick={onRevokeLinks}>Revoke e-mailed links</Button>
            </p>
          ) : null}
        </div>
      </Panel>
      <Panel title="Delivery">
        <AddressBlock address={order.shipping_address} />
        <p className="border-t border-line px-4 py-3 text-ink-2">
          {order.shipping_method.name}
          {latest_on ? <span className="block">Promised by {onDay(latest_on)}</span> : null}
        </p>
      </Panel>
      {order.gift.wrap || order.gift.message || order.note ? (
        <Panel title="Gift and notes">
          <div className="grid gap-2 border-t border-line px-4 py-3">
            {order.gift.wrap ? <p>Gift wrapped{order.gift.hide_prices ? ", prices hidden" : ""}</p> : null}
            {order.gift.message ? (
              <p>
                <span className="block text-xs text-ink-2">Message on the card</span>
                <span className="font-display text-lg leading-tight wrap-anywhere">“{order.gift.message}”</span>
              </p>
            ) : null}
            {order.note ? (
              <p>
                <span className="block text-xs text-ink-2">Note from the customer</span>
                {order.note}
              </p>
            ) : null}
          </div>
        </Panel>
      ) : null}
    </div>
  );
}
