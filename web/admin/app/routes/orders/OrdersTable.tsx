import { formatMoney } from "@noirel/shared/money";
import type { RefObject } from "react";
import { Link } from "react-router";
import type { AdminOrderCard } from "../../types";
import { FulfilmentStatus, OrderStatus, PaymentStatus } from "../../ui/Status";
import { cell, head } from "../../ui/table";
import { ago, left, when } from "../../ui/time";

const row = `${cell} h-9.5 max-desk:h-12`;

/** Orders as rows. What an order says of itself and of its money are one word unless they differ. */
export function OrdersTable({
  orders,
  chosen = -1,
  body,
  empty = "No orders yet.",
}: {
  orders: AdminOrderCard[];
  chosen?: number;
  body?: RefObject<HTMLTableSectionElement | null>;
  empty?: string;
}) {
  return (
    <div className="overflow-x-auto">
      <table className="w-full border-collapse">
        <thead>
          <tr>
            <th scope="col" className={head}>
              Order
            </th>
            <th scope="col" className={`${head} max-desk:hidden`}>
              Customer
            </th>
            <th scope="col" className={`${head} max-wide:hidden`}>
              Items
            </th>
            <th scope="col" className={`${head} max-desk:hidden`}>
              Payment
            </th>
            <th scope="col" className={`${head} max-desk:hidden`}>
              Fulfilment
            </th>
            <th scope="col" className={`${head} text-end`}>
              Total
            </th>
            <th scope="col" className={`${head} text-end max-desk:hidden`}>
              Placed
            </th>
          </tr>
        </thead>
        <tbody ref={body}>
          {orders.map((order, index) => (
            <tr
              key={order.number}
              className={`relative scroll-my-16 outline-offset-[-1px] hover:bg-sunk ${index === chosen ? "bg-sunk outline outline-rule" : ""}`}
              data-chosen={index === chosen || undefined}
            >
              <th
                scope="row"
                className={`${row} text-start font-medium max-desk:w-full max-desk:max-w-0 max-desk:py-2.5`}
              >
                <Link to={`/orders/${order.number}`} className="after:absolute after:inset-0">
                  {order.number}
                </Link>
                <span className="grid gap-0.5 pt-0.5 text-xs font-normal text-ink-2 desk:hidden">
                  <span className="truncate">{order.customer.name || order.customer.email}</span>
                  <span className="truncate">{order.items}</span>
                  <span className="flex flex-wrap gap-x-3">
                    <Payment order={order} />
                    <Fulfilment order={order} />
                  </span>
                </span>
              </th>
              <td className={`${row} max-w-44 truncate max-desk:hidden`}>
                {order.customer.name || order.customer.email}
              </td>
              <td className={`${row} w-2/5 max-w-0 truncate max-wide:hidden`}>{order.items}</td>
              <td className={`${row} max-desk:hidden`}>
                <Payment order={order} />
              </td>
              <td className={`${row} max-desk:hidden`}>
                <Fulfilment order={order} />
              </td>
              <td className={`${row} text-end max-desk:py-2.5 max-desk:align-top`}>
                {formatMoney(order.total)}
                <time dateTime={order.placed_at} className="block pt-0.5 text-xs text-ink-3 desk:hidden">
                  {ago(order.placed_at)}
                </time>
              </td>
              <td className={`${row} text-end text-ink-3 max-desk:hidden`}>
                <time dateTime={order.placed_at} title={when(order.placed_at)}>
                  {ago(order.placed_at)}
                </time>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {orders.length ? null : <p className="border-t border-line px-4 py-6 text-ink-2">{empty}</p>}
    </div>
  );
}

function Payment({ order }: { order: AdminOrderCard }) {
  return (
    <>
      {["cancelled", "expired"].includes(order.status) ? (
        <OrderStatus value={order.status} />
      ) : (
        <PaymentStatus
          value={order.payment_status}
          dispute={order.dispute_status}
          refunding={order.is_refund_pending}
        />
      )}
      {order.capture_by ? (
        <time dateTime={order.capture_by} title={when(order.capture_by)} className="ms-2 text-xs text-ink-2">
          capture {left(order.capture_by)}
        </time>
      ) : null}
    </>
  );
}

function Fulfilment({ order }: { order: AdminOrderCard }) {
  return order.status === "delivered" ? (
    <OrderStatus value="delivered" />
  ) : (
    <FulfilmentStatus value={order.fulfilment_status} order={order.status} />
  );
}
