import { isProblem } from "@noirel/shared/api/problem";
import type { Order } from "@noirel/shared/api/types";
import type { IdempotencyKey } from "@noirel/shared/idempotency";
import { onSignedIn, personal } from "../session/session";
import { announceChange } from "./external-changes";
import { forgetOrderToken, keepOrderToken, orderToken } from "./token";
import { forgetUnpaid } from "./unpaid-numbers";

/** The last status of each order that this page has read, by number. */
const seen = new Map<string, string>();

/** Tells the other pages of this browser when an order is no longer what this page last read. */
function notice(answer: unknown): void {
  const order = (answer as { order?: Order }).order ?? (answer as Order);
  if (!order.number || !order.status) return;
  const status = `${order.status} ${order.payment_status}`;
  const before = seen.get(order.number);
  seen.set(order.number, status);
  if (isSettled(order) || hasEnded(order)) forgetUnpaid(order.number);
  if (before !== undefined && before !== status) announceChange();
}

/** One call about an order, by its owner's session or the token this browser keeps. */
export async function orderCall<T = Order>(number: string, path = "", data?: object, key?: IdempotencyKey): Promise<T> {
  // Unreachable is told by the call itself.
  await onSignedIn().catch(() => null);
  const { send } = await personal();
  const token = orderToken(number);
  const answer = await send<T>({
    method: data ? "POST" : "GET",
    url: `/orders/${encodeURIComponent(number)}${path}`,
    ...(token && { params: { token } }),
    ...(data && { data }),
    ...(key && { headers: { "Idempotency-Key": key } }),
  });
  notice(answer);
  return answer;
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

export const hasEnded = ({ status }: Pick<Order, "status">) => status === "expired" || status === "cancelled";

/** Nothing was sent, and nothing is: the buyer's bank reviews the payment or has taken it back. */
export function isOnHold({ payment, fulfilment_status, status }: Order): boolean {
  return (
    ["open", "lost"].includes(payment.dispute_status) && fulfilment_status === "unfulfilled" && status !== "cancelled"
  );
}
