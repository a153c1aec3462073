import { expect, test } from "vitest";
import { noticeOf } from "./Disputes";

const inr = (amount: number) => ({ amount, currency: "INR" });
const order = (
  status: "paid" | "cancelled" | "fulfilled",
  { left = 0, packed = false }: { left?: number; packed?: boolean } = {},
) => ({
  status,
  dispute_status: "lost" as const,
  refundable: inr(left),
  payment: { taken_back: inr(5000) },
  shipments: packed ? [{ status: "packed" as const }] : [],
});

test("a partly lost dispute doesn't advise to cancel what is still paid for", () => {
  expect(noticeOf(order("paid", { left: 2895000 }))).toBe(
    "The buyer’s bank has taken ₹50 back. ₹28,950 of the payment is left. Send the order, or cancel it and refund the rest.",
  );
  expect(noticeOf(order("paid", { left: 2895000, packed: true }))).toBe(
    "The buyer’s bank has taken ₹50 back. ₹28,950 of the payment is left. Send the packed parcel, or unpack it and refund the rest.",
  );
});

test("a wholly lost dispute says how the stock is released", () => {
  expect(noticeOf(order("paid"))).toBe("The buyer’s bank has taken ₹50 back. Cancel the order to release its stock.");
  expect(noticeOf(order("paid", { packed: true }))).toMatch(/unpack it, then cancel the order\.$/);
  expect(noticeOf(order("cancelled"))).toBe("The buyer’s bank has taken ₹50 back. The order is closed.");
  expect(noticeOf(order("fulfilled"))).toMatch(/written off in the books\.$/);
});
