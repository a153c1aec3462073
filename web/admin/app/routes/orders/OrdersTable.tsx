import { formatMoney } from "@noirel/shared/money";
import { Link } from "react-router";
import type { AdminOrderCard } from "../../types";
import { FulfilmentStatus, OrderStatus, PaymentStatus } from "../../ui/Status";
import { cell, head } from "../../ui/table";
import { ago, left, when } from "../../ui/time";

const row = `${cell} h-9.5 max-desk:h-12`;

/** Orders as rows. What an order says of itself and of its money are one word unless they differ. */
export function OrdersTable({ orders, chosen = -1 }: { orders: AdminOrderCard[]; chosen?: number }) {
  return (
    <div className="overflow-x-auto">
      <table className="w-full border-collapse">
        <thead>
          <tr>
            <th scope="col" className={head}>
              Order
            </th>
            <th scope="col" className={head}>
              Customer
            </th>
            <th scope="col" className={`${head} max-wide:hidden`}>
              Items
            </th>
            <th scope="col" className={head}>
              Payment
            </th>
            <th scope="col" className={head}>
              Fulfilment
            </th>
            <th scope="col" className={`${head} text-end`}>
              Total
            </th>
            <th scope="col" className={`${head} text-end`}>
              Placed
            </th>
          </tr>
        </thead>
        <tbody>
          {orders.map((order, index) => (
            <tr
              key={order.number}
              className={`relative hover:bg-sunk ${index === chosen ? "bg-sunk" : ""}`}
              data-chosen={index === chosen || undefined}
            >
              <th scope="row" className={`${row} text-start font-medium`}>
                <Link to={`/orders/${order.number}`} className="after:absolute after:inset-0">
                  {order.number}
                </Link>
              </th>
              <td className={`${row} max-w-44 truncate`}>{order.customer.name || order.customer.email}</td>
              <td className={`${row} w-2/5 max-w-0 truncate max-wide:hidden`}>{order.items}</td>
              <td className={row}>
                {["cancelled", "expired"].includes(order.status) ? (
                  <OrderStatus value={order.status} />
                ) : (
                  <PaymentStatus value={order.payment_status} dispute={order.dispute_status} />
                )}
                {order.capture_by ? (
                  <time dateTime={order.capture_by} title={when(order.capture_by)} className="ms-2 text-xs text-ink-2">
                    capture {left(order.capture_by)}
                  </time>
                ) : null}
              </td>
              <td className={row}>
                {order.status === "delivered" ? (
                  <OrderStatus value="delivered" />
                ) : (
                  <FulfilmentStatus value={order.fulfilment_status} />
                )}
              </td>
              <td className={`${row} text-end`}>{formatMoney(order.total)}</td>
              <td className={`${row} text-end text-ink-3`}>
                <time dateTime={order.placed_at} title={when(order.placed_at)}>
                  {ago(order.placed_at)}
                </time>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {orders.length ? null : <p className="border-t border-line px-4 py-6 text-ink-2">No orders here yet.</p>}
    </div>
  );
}
