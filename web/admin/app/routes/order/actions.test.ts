import { expect, test } from "vitest";
import type { AdminOrder } from "../../types";
import { cancelWords, mayShip, nextActions, priceOfUnits, primaryAction, refundOf, unitsBack } from "./actions";

const anyone = () => true;
const inr = (amount: number) => ({ amount, currency: "INR" });
const none = inr(0);
const unsent = {
  fulfilment_status: "unfulfilled" as const,
  dispute_status: "none" as const,
  payment: { is_set_aside: false },
  lines: [{ quantity: 2, cancelled_quantity: 0, fulfilled_quantity: 1 }],
  shipments: [],
};
const packed = { lines: [{ quantity: 2, cancelled_quantity: 1, fulfilled_quantity: 1 }] };

test.each([
  ["pending_payment", 0, ["cancel"]],
  ["paid", 100, ["fulfil", "cancel", "refund"]],
  ["fulfilled", 100, ["refund"]],
  ["delivered", 100, ["refund"]],
  ["delivered", 0, []],
  ["cancelled", 0, []],
  ["expired", 0, []],
] as const)("an order that is %s with %i left offers %j", (status, left, acts) => {
  const rest = status === "paid" || status === "pending_payment" ? {} : packed;
  expect(nextActions({ ...unsent, ...rest, status, refundable: inr(left) }, anyone)).toEqual(acts);
});

test.each([
  ["paid", unsent, [], "fulfil"],
  ["paid", unsent, ["packed"], "fulfil"],
  ["paid", unsent, ["in_transit"], "fulfil"],
  ["fulfilled", packed, ["packed", "in_transit"], "ship"],
  ["fulfilled", packed, ["packed"], "ship"],
  ["fulfilled", packed, ["delivered", "in_transit"], "deliver"],
  ["delivered", packed, ["delivered", "delivered"], null],
  ["cancelled", packed, [], null],
] as const)("an order that is %s always has its next step: %#", (status, { lines }, parcels, next) => {
  const shipments = parcels.map((state) => ({ status: state }));
  expect(primaryAction(nextActions({ ...unsent, lines, shipments, status, refundable: none }, anyone))).toBe(next);
});

test("an order of which all that is left was refunded has nothing to fulfil", () => {
  const order = { ...unsent, ...packed, status: "paid" as const, refundable: none, shipments: [] };
  expect(nextActions(order, anyone)).toEqual(["cancel"]);
});

test("a sum the bank has set aside can be taken by hand, or by packing", () => {
  const order = { ...unsent, status: "pending_payment" as const, refundable: none, payment: { is_set_aside: true } };
  expect(nextActions(order, anyone)).toEqual(["capture", "fulfil", "cancel"]);
});

test("who may not edit orders is offered nothing", () => {
  expect(nextActions({ ...unsent, status: "paid", refundable: inr(9) }, () => false)).toEqual([]);
});

test("an order of which a part was sent is not cancelled any more", () => {
  const order = { ...unsent, status: "paid" as const, fulfilment_status: "partial" as const, refundable: none };
  expect(nextActions(order, anyone)).toEqual(["fulfil"]);
});

test.each([
  ["open", "unfulfilled", 100, ["fulfil_anyway"]],
  ["open", "partial", 100, ["fulfil_anyway"]],
  ["lost", "unfulfilled", 0, ["cancel"]],
  ["lost", "partial", 0, ["cancel"]],
  ["lost", "unfulfilled", 40, ["fulfil_anyway", "cancel", "refund"]],
  ["won", "unfulfilled", 100, ["fulfil", "cancel", "refund"]],
] as const)("a paid order whose dispute is %s, %s, with %i left offers %j", (dispute_status, sent, left, acts) => {
  const order = { ...unsent, status: "paid" as const, fulfilment_status: sent, dispute_status, refundable: inr(left) };
  expect(nextActions(order, anyone)).toEqual(acts);
});

const ending = {
  ...unsent,
  status: "paid" as const,
  payment_status: "paid" as const,
  refundable: none,
  totals: { total: inr(705000) } as AdminOrder["totals"],
  customer: { id: null, name: "Ira Sen", email: "ira@example.in", orders_count: 1 },
  email: "ira@example.in",
  payment: { is_set_aside: false, taken_back: none },
};
const released = "The order’s units go back into stock. A cancelled order cannot be reopened.";

test.each<[string, Parameters<typeof cancelWords>[0], string]>([
  [
    "the bank holds",
    { ...ending, status: "pending_payment", payment_status: "authorized" },
    `The bank holds ₹7,050 of Ira Sen. Nothing was charged: the bank releases it by itself, usually within 5 days. ${released}`,
  ],
  [
    "nobody paid",
    { ...ending, status: "pending_payment", payment_status: "failed" },
    `₹7,050 was never paid. ${released}`,
  ],
  [
    "was paid",
    { ...ending, refundable: inr(705000) },
    `₹7,050 goes back to Ira Sen the way it came, in 5 to 7 working days. ${released}`,
  ],
  ["went back before", ending, `All of its money has gone back already. ${released}`],
  [
    "the bank took",
    { ...ending, dispute_status: "lost", payment: { is_set_aside: false, taken_back: inr(705000) } },
    `The buyer’s bank has taken ₹7,050 back. No other money moves. ${released}`,
  ],
  [
    "the bank took after a part was sent",
    {
      ...ending,
      fulfilment_status: "partial",
      dispute_status: "lost",
      payment: { is_set_aside: false, taken_back: inr(705000) },
    },
    "The buyer’s bank has taken ₹7,050 back. No other money moves. The units that were not sent go back into stock, and the order ends as fulfilled.",
  ],
])("cancelling says what becomes of money that %s", (_, order, words) => {
  expect(cancelWords(order)).toBe(words);
});

test("all units of a line together cost exactly what the line did", () => {
  const line = { total: inr(1000), quantity: 3 };
  expect([priceOfUnits(line, 0, 1), priceOfUnits(line, 1, 1), priceOfUnits(line, 2, 1)]).toEqual([333, 334, 333]);
  expect(priceOfUnits(line, 0, 3)).toBe(1000);
});

const order = {
  currency: "INR",
  lines: [
    { id: "a", quantity: 2, total: inr(2000) },
    { id: "b", quantity: 1, total: inr(500) },
  ],
  refunds: [
    { status: "processed", lines: [{ id: "a", quantity: 1, restock: true }] },
    { status: "failed", lines: [{ id: "b", quantity: 1, restock: true }] },
  ],
} as unknown as AdminOrder;

test("units that failed to go back can go back again", () => {
  expect([unitsBack(order, "a"), unitsBack(order, "b")]).toEqual([1, 0]);
});

test("a refund says its sum outright, and which units it is for", () => {
  expect(refundOf(order, { by: "lines", units: { a: 1, b: 1 }, restock: true })).toEqual({
    amount: inr(1500),
    lines: [
      { id: "a", quantity: 1 },
      { id: "b", quantity: 1 },
    ],
    restock: true,
  });
  expect(refundOf(order, { by: "lines", units: { a: 0 }, restock: true })).toBeNull();
  expect(refundOf(order, { by: "sum", amount: inr(250) })).toEqual({ amount: inr(250), restock: false });
  expect(refundOf(order, { by: "sum", amount: null })).toBeNull();
});

test("a packed parcel of a disputed order is no next step, and does not leave once all the money is lost", () => {
  const waiting = [{ status: "packed" as const }];
  const packed = { ...unsent, status: "fulfilled" as const, lines: [], refundable: inr(9), shipments: waiting };
  expect(nextActions({ ...packed, dispute_status: "none" }, anyone)).toContain("ship");
  expect(nextActions({ ...packed, dispute_status: "open" }, anyone)).not.toContain("ship");
  expect(mayShip({ ...packed, dispute_status: "open" })).toBe(true);
  expect(mayShip({ dispute_status: "lost", refundable: { amount: 0, currency: "INR" } })).toBe(false);
});
