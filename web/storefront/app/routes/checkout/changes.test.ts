import type { Cart } from "@noirel/shared/api/types";
import { expect, test } from "vitest";
import { inr } from "../../testing/fixtures";
import { changesBetween } from "./changes";

const line = (id: string, rupees: number, quantity = 1) => ({
  id,
  quantity,
  total: inr(rupees),
  product: { name: id },
  variant: { title: "50 ml" },
});

const cart = (lines: object[], shipping = 0, discount = 0) =>
  ({ lines, totals: { discount: inr(discount), shipping: inr(shipping) } }) as unknown as Cart;

test("only what makes the difference is named, with what it was and is", () => {
  const was = cart([line("Encre", 7050), line("Cendre", 6550)]);
  const now = cart([line("Encre", 7550), line("Cendre", 6550)], 250);
  expect(changesBetween(was, now)).toEqual([
    { name: "Encre 50 ml", was: inr(7050), now: inr(7550) },
    { name: "Delivery", was: inr(0), now: inr(250) },
  ]);
});

test("what came and what went are named too", () => {
  const was = cart([line("Encre", 7050)], 0, 500);
  const now = cart([line("Aube Nue", 4000, 2)]);
  expect(changesBetween(was, now)).toEqual([
    { name: "Aube Nue 50 ml, 2 pieces", was: null, now: inr(4000) },
    { name: "Encre 50 ml", was: inr(7050), now: null },
    { name: "Discount", was: inr(500), now: inr(0) },
  ]);
});
