import { expect, test } from "vitest";
import { nextActs } from "./acts";

const anyone = () => true;

test.each([
  ["pending_payment", ["cancel"]],
  ["paid", ["fulfil"]],
  ["fulfilled", ["deliver"]],
  ["delivered", []],
  ["cancelled", []],
  ["expired", []],
] as const)("an order that is %s offers %j", (status, acts) => {
  expect(nextActs({ status, fulfilment_status: "unfulfilled" }, anyone)).toEqual(acts);
});

test("who may not edit orders is offered nothing", () => {
  expect(nextActs({ status: "paid", fulfilment_status: "unfulfilled" }, () => false)).toEqual([]);
});
