import type { Order } from "@noirel/shared/api/types";
import { expect, test } from "vitest";
import { inr } from "../testing/fixtures";
import { holdText, paymentState } from "./payment-state";

const ZONES = { shop: "Asia/Kolkata", own: null };
const NOW = Date.parse("2026-11-23T17:00:00Z");
const PAYMENT: Order["payment"] = {
  state: "created",
  method: "",
  failure: null,
  is_set_aside: false,
  dispute_status: "none",
  taken_back: inr(0),
  checkout: null,
};
const OPEN: Order["payment"] = { ...PAYMENT, state: "captured", dispute_status: "open" };
const LOST: Order["payment"] = { ...PAYMENT, state: "captured", dispute_status: "lost", taken_back: inr(7050) };
const CHECKOUT: Order["payment"]["checkout"] = {
  provider: "razorpay",
  key_id: "rzp_test_1",
  gateway_order_id: "order_1",
  amount: 705000,
  currency: "INR",
};

function order(over: Partial<Order> = {}): Order {
  return {
    number: "NE-7Q2M",
    status: "pending_payment",
    payment_status: "pending",
    fulfilment_status: "unfulfilled",
    email: "ananya@example.in",
    currency: "INR",
    placed_at: "2026-11-23T16:30:00Z",
    paid_at: null,
    held_until: "2026-11-23T17:14:00Z",
    lines: [],
    totals: { subtotal: inr(7050), discount: inr(0), shipping: inr(0), tax: inr(1075), total: inr(7050) },
    refunds: [],
    shipments: [],
    payment: PAYMENT,
    ...over,
  } as unknown as Order;
}

const refund = (rupees: number, over: Partial<Order["refunds"][number]> = {}): Order["refunds"][number] => ({
  id: String(rupees),
  amount: inr(rupees),
  status: "processed",
  reason: "Returned",
  origin: "staff",
  created_at: "2026-11-20T10:00:00Z",
  processed_at: "2026-11-21T10:00:00Z",
  ...over,
});

const PAID = { status: "paid", payment_status: "paid", paid_at: "2026-11-23T16:40:00Z", held_until: null } as const;
const ENDED = { status: "expired", held_until: null } as const;

test.each<[string, Partial<Order>, string, string, { payable?: boolean; moving?: boolean }?]>([
  [
    "unpaid",
    { payment: { ...PAYMENT, checkout: CHECKOUT } },
    "Not paid yet.",
    "Nothing is charged yet. Your flacons are held until 22:44 IST.",
    { payable: true, moving: true },
  ],
  [
    "past its hold",
    { held_until: "2026-11-23T16:59:59Z" },
    "The time to pay has run out.",
    "We are asking the bank once more before the flacons go back on the shelf. You do not need to do anything.",
    { moving: true },
  ],
  [
    "with the bank",
    { payment_status: "authorized", payment: { ...PAYMENT, state: "authorized" } },
    "We have it, and are confirming with the bank.",
    "Safe to close: the confirmation also comes by e-mail.",
    { moving: true },
  ],
  [
    "set aside until it is sent",
    { payment_status: "authorized", payment: { ...PAYMENT, state: "authorized", is_set_aside: true } },
    "Thank you. It is yours.",
    "Your bank has set ₹7,050 aside. It is taken when your parcel leaves, and not before.",
  ],
  [
    "of another sum",
    { payment: { ...PAYMENT, state: "quarantined" } },
    "We are looking at your payment.",
    "What came in is not the amount of this order. Somebody at the house is comparing the two, and will write to ananya@example.in. Do not pay again.",
  ],
  [
    "of another sum, which went back",
    { payment: { ...PAYMENT, state: "quarantined" }, refunds: [refund(6550, { origin: "stray" })] },
    "Not paid yet.",
    "₹6,550 went back the way it came, on 21 November 2026. Your bank shows it in 5 to 7 working days. Your flacons are held until 22:44 IST.",
    { payable: true, moving: true },
  ],
  ["expired", ENDED, "We let the flacons go.", "We received no payment. Your bag is as you left it."],
  [
    "paid too late, not sent back yet",
    { ...ENDED, payment_status: "paid", payment: { ...PAYMENT, state: "captured" } },
    "We let the flacons go.",
    "Your payment came after that. It is going back to you.",
  ],
  [
    "paid too late and sent back",
    {
      ...ENDED,
      payment_status: "refunded",
      payment: { ...PAYMENT, state: "captured" },
      refunds: [refund(7050, { origin: "stray" })],
    },
    "We let the flacons go.",
    "Your payment came after that. ₹7,050 went back the way it came, on 21 November 2026. Your bank shows it in 5 to 7 working days.",
  ],
  [
    "cancelled after it was paid",
    {
      ...PAID,
      status: "cancelled",
      payment_status: "refunded",
      payment: { ...PAYMENT, state: "captured" },
      refunds: [refund(7050, { status: "pending", processed_at: null, origin: "cancel" })],
    },
    "This order was cancelled.",
    "₹7,050 is on its way back to you. Your bank shows it in 5 to 7 working days.",
  ],
  ["paid", PAID, "Thank you. It is yours.", ""],
  [
    "refunded in part, twice",
    {
      ...PAID,
      status: "fulfilled",
      payment_status: "partially_refunded",
      refunds: [refund(1000), refund(500, { processed_at: "2026-11-22T10:00:00Z" })],
    },
    "Thank you. It is yours.",
    "₹1,500 went back the way it came, last on 22 November 2026. Your bank shows it in 5 to 7 working days.",
  ],
  [
    "refunded in full",
    { ...PAID, payment_status: "refunded", refunds: [refund(7050)] },
    "Your money went back.",
    "₹7,050 went back the way it came, on 21 November 2026. Your bank shows it in 5 to 7 working days.",
  ],
  [
    "with a refund the bank did not take",
    { ...PAID, refunds: [refund(1000, { status: "failed", processed_at: null })] },
    "Thank you. It is yours.",
    "₹1,000 could not be sent back yet. We are seeing to it.",
  ],
  [
    "under review by the bank before it was sent",
    { ...PAID, payment: OPEN },
    "Your order is on hold.",
    "Your bank is reviewing this payment. We send your order once your bank has confirmed it.",
  ],
  [
    "under review by the bank after it was sent",
    { ...PAID, status: "delivered", fulfilment_status: "fulfilled", payment: OPEN },
    "It is with you.",
    "",
  ],
  [
    "taken back by the bank before it was sent",
    { ...PAID, payment: LOST },
    "Your bank has taken this payment back.",
    "Your bank has returned ₹7,050 to you. Your order will not be sent.",
  ],
  [
    "taken back by the bank and cancelled",
    { ...PAID, status: "cancelled", payment: LOST },
    "This order was cancelled.",
    "Your bank has returned ₹7,050 to you.",
  ],
  [
    "taken back by the bank after it was delivered",
    { ...PAID, status: "delivered", fulfilment_status: "fulfilled", payment: LOST },
    "It is with you.",
    "Your bank has returned ₹7,050 to you.",
  ],
])("an order that is %s says so", (_, over, title, text, { payable = false, moving = false } = {}) => {
  expect(paymentState(order(over), NOW, ZONES)).toEqual({ title, text, payable, moving });
});

test("a hold is told in the shop's zone by its name, and behind it in the reader's own where that differs", () => {
  const held = (held_until: string, zones: Parameters<typeof holdText>[1]) => holdText({ held_until }, zones);
  const at = "2026-11-23T17:14:00Z";
  const india = { shop: "Asia/Kolkata", own: null };
  expect(held(at, india)).toBe("Your flacons are held until 22:44 IST.");
  expect(held(at, { ...india, own: "Asia/Colombo" })).toBe("Your flacons are held until 22:44 IST.");
  expect(held(at, { ...india, own: "Europe/Paris" })).toBe("Your flacons are held until 22:44 IST (18:14 your time).");
  expect(held(at, { ...india, own: "Asia/Tokyo" })).toBe(
    "Your flacons are held until 22:44 IST (Tuesday 24 November at 02:14 your time).",
  );
  expect(held(at, { shop: "America/New_York", own: "America/New_York" })).toBe(
    "Your flacons are held until 12:14 EST.",
  );
});
