import type { Order } from "@noirel/shared/api/types";
import { formatMoney } from "@noirel/shared/money";
import type { Zones } from "../parts/zones";
import { clock, day, ownTime } from "./dates";
import { isOnHold, isPaid } from "./read";

/** What an order's page says first: where it stands, and what that means for the money. */
export type PaymentState = {
  title: string;
  text: string;
  /** The shopper can pay, or go on paying, now. */
  payable: boolean;
  /** It goes on without the shopper: worth another look in a moment. */
  moving: boolean;
};

const SOON = "Your bank shows it in 5 to 7 working days.";

export function paymentState(order: Order, now: number, zones: Zones): PaymentState {
  const rest = { payable: false, moving: false };
  const { state, is_set_aside, checkout } = order.payment;
  const ended = order.status === "expired" || order.status === "cancelled";
  const back = refundText(order, zones);
  if (state === "quarantined" && !isPaid(order) && !back) {
    return {
      ...rest,
      title: "We are looking at your payment.",
      text: `What came in is not the amount of this order. Somebody at the house is comparing the two, and will write to ${order.email}. Do not pay again.`,
    };
  }
  if (ended) {
    const title = order.status === "expired" ? "We let the flacons go." : "This order was cancelled.";
    const late = order.paid_at === null && (back || state === "captured");
    if (late) return { ...rest, title, text: `Your payment came after that. ${back || "It is going back to you."}` };
    if (order.paid_at) {
      const text = [disputedAmountText(order), back].filter(Boolean).join(" ");
      return { ...rest, title, text: text || "Your money is going back to you." };
    }
    return { ...rest, title, text: "We received no payment. Your bag is as you left it." };
  }
  if (is_set_aside) {
    return {
      ...rest,
      title: "Thank you. It is yours.",
      text: `Your bank has set ${formatMoney(order.totals.total)} aside. It is taken when your parcel leaves, and not before.`,
    };
  }
  if (!isPaid(order)) {
    if (state === "authorized" || state === "captured") {
      return {
        ...rest,
        moving: true,
        title: "We have it, and are confirming with the bank.",
        text: "Safe to close: the confirmation also comes by e-mail.",
      };
    }
    if (!order.held_until || Date.parse(order.held_until) <= now) {
      return {
        ...rest,
        moving: true,
        title: "The time to pay has run out.",
        text: "We are asking the bank once more before the flacons go back on the shelf. You do not need to do anything.",
      };
    }
    return {
      title: "Not paid yet.",
      text: `${back || "Nothing is charged yet."} ${holdText(order, zones)}`,
      payable: checkout !== null || back !== "",
      moving: true,
    };
  }
  if (isOnHold(order)) return { ...rest, ...onHold(order, back) };
  if (order.payment_status === "refunded") {
    const gone = order.refunds.every(({ status }) => status !== "pending");
    return { ...rest, title: gone ? "Your money went back." : "Your money is going back.", text: back };
  }
  const title =
    order.status === "delivered"
      ? "It is with you."
      : order.shipments.some(({ shipped_at }) => shipped_at)
        ? "It is on its way."
        : "Thank you. It is yours.";
  return { ...rest, title, text: [disputedAmountText(order), back].filter(Boolean).join(" ") };
}

function onHold(order: Order, back: string): Pick<PaymentState, "title" | "text"> {
  if (order.payment.dispute_status === "open") {
    return {
      title: "Your order is on hold.",
      text: "Your bank is reviewing this payment. We send your order once your bank has confirmed it.",
    };
  }
  return {
    title: "Your bank has taken this payment back.",
    text: [disputedAmountText(order), back, "Your order will not be sent."].filter(Boolean).join(" "),
  };
}

/** What the buyer's bank took back in a dispute and returned to them; empty when nothing. */
function disputedAmountText({ payment: { taken_back } }: Order): string {
  return taken_back.amount ? `Your bank has returned ${formatMoney(taken_back)} to you.` : "";
}

/** "Your flacons are held until 23:14 IST (18:44 your time)." */
export function holdText({ held_until }: Pick<Order, "held_until">, zones: Zones): string {
  return held_until ? `Your flacons are held until ${clock(held_until, zones)}${ownTime(held_until, zones)}.` : "";
}

/** What went back, and what is on its way, in sums and dates; empty when nothing is. */
function refundText({ refunds, currency }: Order, zones: Zones): string {
  const sum = (rows: Order["refunds"]) =>
    formatMoney({ amount: rows.reduce((all, { amount }) => all + amount.amount, 0), currency });
  const gone = refunds.filter(({ status }) => status === "processed");
  const going = refunds.filter(({ status }) => status === "pending");
  const failed = refunds.filter(({ status }) => status === "failed");
  const last = gone.at(-1);
  return [
    last &&
      `${sum(gone)} went back the way it came, ${gone.length > 1 ? "last " : ""}on ${refundDay(last, zones)}. ${SOON}`,
    going.length > 0 && `${sum(going)} is on its way back to you. ${gone.length > 0 ? "" : SOON}`,
    failed.length > 0 &&
      gone.length + going.length === 0 &&
      `${sum(failed)} could not be sent back yet. We are seeing to it.`,
  ]
    .filter(Boolean)
    .join(" ")
    .trim();
}

/** The day a refund left, or was promised. */
export function refundDay({ processed_at, created_at }: Order["refunds"][number], zones: Zones): string {
  return day(processed_at ?? created_at, zones);
}
