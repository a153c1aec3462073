import type { OrderCard } from "@noirel/shared/api/types";
import { expect, test } from "vitest";
import { cardWords } from "./card";

test.each([
  ["pending_payment", "pending", "unfulfilled", "Not paid yet"],
  ["pending_payment", "authorized", "unfulfilled", "With the bank"],
  ["paid", "paid", "unfulfilled", "Paid, being packed"],
  ["paid", "paid", "partial", "Part of it packed"],
  ["paid", "refunded", "unfulfilled", "Paid, money sent back"],
  ["fulfilled", "paid", "fulfilled", "On its way"],
  ["delivered", "partially_refunded", "fulfilled", "Delivered, part of the money sent back"],
  ["delivered", "refunded", "returned", "Came back, money sent back"],
  ["cancelled", "refunded", "unfulfilled", "Cancelled, money sent back"],
  ["cancelled", "pending", "unfulfilled", "Cancelled"],
  ["expired", "failed", "unfulfilled", "Let go"],
])("%s, %s, %s reads as where it stands", (status, payment_status, fulfilment_status, words) => {
  expect(cardWords({ status, payment_status, fulfilment_status } as OrderCard)).toBe(words);
});

test("money that is only promised back is not told of as sent", () => {
  const order = { status: "paid", fulfilment_status: "unfulfilled", is_refund_pending: true };
  const words = (payment_status: string) => cardWords({ ...order, payment_status } as OrderCard);
  expect(words("refunded")).toBe("Paid, money on its way back");
  expect(words("partially_refunded")).toBe("Paid, being packed, part of the money on its way back");
});
