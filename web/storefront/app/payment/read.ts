import { isProblem } from "@noirel/shared/api/problem";
import type { Order } from "@noirel/shared/api/types";
import { arrived, personal } from "../session/session";
import { forgetOrderToken, keepOrderToken, orderToken } from "./token";

/** One call about an order, by its owner's session or the token this browser keeps. */
export async function orderCall<T = Order>(number: string, path = "", data?: object): Promise<T> {
  // Unreachable is told by the call itself.
  await arrived().catch(() => null);
  const { send } = await personal();
  const token = orderToken(number);
  return send<T>({
    method: data ? "POST" : "GET",
    url: `/orders/${encodeURIComponent(number)}${path}`,
    ...(token && { params: { token } }),
    ...(data && { data }),
  });
}

/**
 * Reads an order by the token of a link, if it came by one. The token is kept only when it opens the order: a link that was
 * cut off in the mail must not replace a token that works.
 */
export async function openOrder(number: string, linkToken: string | null): Promise<Order> {
  const before = orderToken(number);
  if (!linkToken || linkToken === before) return orderCall(number);
  keepOrderToken(number, linkToken);
  try {
    return await orderCall(number);
  } catch (error) {
    if (isProblem(error) && error.status === 404) {
      forgetOrderToken(number);
      if (before) {
        keepOrderToken(number, before);
        return orderCall(number);
      }
    }
    throw error;
  }
}

export function isPaid({ payment_status, status }: Pick<Order, "payment_status" | "status">): boolean {
  return !["pending", "failed", "authorized"].includes(payment_status) && status !== "pending_payment";
}

/** Nothing is left to pay: it is paid, or the bank keeps the sum until the parcel leaves. */
export function isSettled(order: Pick<Order, "payment_status" | "status" | "payment">): boolean {
  return isPaid(order) || order.payment.is_set_aside;
}

/** Nothing was sent, and nothing is: the buyer's bank reviews the payment or has taken it back. */
export function isOnHold({ payment, fulfilment_status, status }: Order): boolean {
  return (
    ["open", "lost"].includes(payment.dispute_status) && fulfilment_status === "unfulfilled" && status !== "cancelled"
  );
}
