import type { Order } from "@noirel/shared/api/types";
import { expect, test } from "vitest";
import { paidWords } from "./paid";

const ZONES = { shop: "Asia/Kolkata", own: null };
const UNPAID = {
  state: "created",
  method: "",
  failure: null,
  is_set_aside: false,
  dispute_status: "none",
  taken_back: { amount: 0, currency: "INR" },
  checkout: null,
} as const;
const FAILURE = { code: "BAD_REQUEST_ERROR", description: "Declined", reason: "payment_failed" };

test.each<[string, Partial<Order>, string]>([
  ["unpaid", {}, "Not paid yet."],
  [
    "refused",
    { payment: { ...UNPAID, state: "failed", method: "upi", failure: FAILURE } },
    "The last attempt by UPI failed. We have received no payment.",
  ],
  ["under way", { payment: { ...UNPAID, state: "authorized", method: "card" } }, "With the bank by card."],
  [
    "set aside",
    { payment_status: "authorized", payment: { ...UNPAID, state: "authorized", method: "card", is_set_aside: true } },
    "Set aside by card. It is taken when your parcel leaves.",
  ],
  [
    "paid",
    {
      status: "paid",
      payment_status: "paid",
      paid_at: "2026-11-23T16:40:00Z",
      payment: { ...UNPAID, state: "captured", method: "netbanking" },
    },
    "Paid by net banking on 23 November 2026, 22:10 IST.",
  ],
  [
    "paid by a way we have no word for",
    {
      status: "paid",
      payment_status: "paid",
      paid_at: "2026-11-23T16:40:00Z",
      payment: { ...UNPAID, method: "cowries" },
    },
    "Paid on 23 November 2026, 22:10 IST.",
  ],
  [
    "taken back by the bank",
    {
      status: "paid",
      payment_status: "paid",
      payment: { ...UNPAID, dispute_status: "lost", taken_back: { amount: 705000, currency: "INR" } },
    },
    "Paid. Your bank took ₹7,050 back.",
  ],
  [
    "under review",
    { status: "paid", payment_status: "paid", payment: { ...UNPAID, dispute_status: "open" } },
    "Paid. Your bank is reviewing this payment.",
  ],
  ["let go unpaid", { status: "expired" }, "We received no payment."],
  [
    "paid too late",
    { status: "expired", payment: { ...UNPAID, state: "captured", method: "upi" } },
    "Paid by UPI after the order had ended.",
  ],
  [
    "of another sum",
    { payment: { ...UNPAID, state: "quarantined" } },
    "A sum came in that is not the order's. We compare the two.",
  ],
])("an order %s says so", (_, over, words) => {
  const order = { status: "pending_payment", payment_status: "pending", paid_at: null, payment: UNPAID, ...over };
  expect(paidWords(order as Order, ZONES)).toBe(words);
});
