import { expect, test } from "vitest";
import type { AdminOrder } from "../../types";
import { extraPayments, refundWords } from "./Money";

const inr = (amount: number) => ({ amount, currency: "INR" });
type Refund = AdminOrder["refunds"][number];
const refund = (values: Partial<Refund>) =>
  ({
    origin: "stray",
    reason: "duplicate",
    status: "processed",
    amount: inr(445000),
    gateway_payment_id: "pay_2",
    created_at: "2026-11-29T10:00:00Z",
    actor: "system",
    ...values,
  }) as Refund;
const payments = [{ gateway_payment_id: "pay_1" }] as AdminOrder["payments"];

test("a second payment of an order is shown with what became of its money", () => {
  expect(extraPayments({ payments, refunds: [refund({})] })).toEqual([
    { id: "pay_2", amount: inr(445000), status: "processed", reason: "duplicate", created_at: "2026-11-29T10:00:00Z" },
  ]);
});

test("a refund of the order's own payment makes no second payment, and a repeated refund no third", () => {
  const own = refund({ origin: "staff", gateway_payment_id: "pay_1" });
  const late = refund({ reason: "late", gateway_payment_id: "pay_1" });
  expect(extraPayments({ payments, refunds: [own, late] })).toEqual([]);
  const failed = refund({ status: "failed" });
  const found = extraPayments({ payments, refunds: [failed, refund({ status: "pending" })] });
  expect(found.map(({ amount, status }) => [amount.amount, status])).toEqual([[445000, "pending"]]);
});

test("refunds say in words why money goes back and who sent it", () => {
  expect(refundWords(refund({}))).toBe("Paid twice, automatic");
  expect(refundWords(refund({ reason: "late" }))).toBe("Paid after the order had ended, automatic");
  expect(refundWords(refund({ origin: "cancel", reason: "cancelled" }))).toBe("Order cancelled, automatic");
  expect(refundWords(refund({ origin: "staff", reason: "Returned", actor: "Ira Menon" }))).toBe(
    "Returned, by Ira Menon",
  );
  expect(refundWords(refund({ origin: "external", reason: "made at the gateway", actor: "" }))).toBe(
    "Made at the gateway",
  );
});
