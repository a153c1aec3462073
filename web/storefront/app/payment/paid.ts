import type { Order } from "@noirel/shared/api/types";
import { formatMoney } from "@noirel/shared/money";
import type { Zones } from "../parts/zones";
import { clock, day } from "./dates";
import { isPaid } from "./read";

const BY: Record<string, string> = {
  card: "by card",
  upi: "by UPI",
  netbanking: "by net banking",
  wallet: "from a wallet",
  emi: "in instalments",
  paylater: "by pay later",
};

/** How an order was paid, or where paying stands, in one or two sentences. */
export function paidWords(order: Order, zones: Zones): string {
  const { dispute_status, taken_back } = order.payment;
  if (taken_back.amount) return `${howPaid(order, zones)} Your bank took ${formatMoney(taken_back)} back.`;
  return dispute_status === "open"
    ? `${howPaid(order, zones)} Your bank is reviewing this payment.`
    : howPaid(order, zones);
}

function howPaid({ payment, payment_status, status, paid_at }: Order, zones: Zones): string {
  const by = BY[payment.method] ? ` ${BY[payment.method]}` : "";
  if (paid_at) return `Paid${by} on ${day(paid_at, zones)}, ${clock(paid_at, zones)}.`;
  if (isPaid({ payment_status, status })) return `Paid${by}.`;
  if (payment.is_set_aside) return `Set aside${by}. It is taken when your parcel leaves.`;
  if (payment.state === "quarantined") return "A sum came in that is not the order's. We compare the two.";
  if (status === "cancelled" || status === "expired") {
    return payment.state === "captured" ? `Paid${by} after the order had ended.` : "We received no payment.";
  }
  if (payment.state === "authorized" || payment.state === "captured") return `With the bank${by}.`;
  if (payment.failure) return `The last attempt${by} failed. We have received no payment.`;
  return "Not paid yet.";
}
