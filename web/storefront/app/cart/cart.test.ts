import type { Cart, CartLine } from "@noirel/shared/api/types";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { coalescer, QUIET } from "./coalesce";
import { cartReducer, countOf, EMPTY } from "./reducer";

const line = {
  id: "a",
  sku: "ENC-50",
  quantity: 1,
  engraving: null,
  product: { name: "Encre" },
  variant: { title: "50 ml" },
};
const cart = (quantity: number, updated_at = "2026-01-01T00:00:00Z") =>
  ({ id: "bag", lines: [{ ...line, quantity }], warnings: [], updated_at }) as unknown as Cart;
const read = cartReducer(EMPTY, { type: "read", cart: cart(1) });

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test("a burst of presses becomes one absolute quantity", async () => {
  const send = vi.fn(async () => {});
  const quantities = coalescer(send);
  for (const quantity of [2, 3, 4]) quantities.set("a", quantity);
  await vi.advanceTimersByTimeAsync(QUIET);
  expect(send.mock.calls).toEqual([["a", 4]]);
});

test("one request is in flight per line, and the newest wish goes next", async () => {
  let answer = () => {};
  const send = vi.fn(
    () =>
      new Promise<void>((done) => {
        answer = done;
      }),
  );
  const quantities = coalescer(send);
  quantities.set("a", 2);
  await vi.advanceTimersByTimeAsync(QUIET);
  quantities.set("a", 3);
  quantities.set("a", 5);
  await vi.advanceTimersByTimeAsync(QUIET);
  expect(send).toHaveBeenCalledTimes(1);
  answer();
  await vi.advanceTimersByTimeAsync(0);
  expect(send.mock.calls).toEqual([
    ["a", 2],
    ["a", 5],
  ]);
});

test("a refused quantity puts the old one back and says why", () => {
  const wanted = cartReducer(read, { type: "wanted", line: "a", quantity: 9 });
  expect(countOf(wanted)).toBe(9);
  const refused = cartReducer(wanted, { type: "refused", line: "a", why: "Only 3 left." });
  expect(countOf(refused)).toBe(1);
  expect(refused.refused.a).toBe("Only 3 left.");
});

test("an answer overtaken by a later one does not come back", () => {
  const later = cartReducer(read, { type: "answered", cart: cart(3, "2026-01-01T00:00:09Z") });
  expect(countOf(cartReducer(later, { type: "answered", cart: cart(2) }))).toBe(3);
});

test("a removed piece is gone at once, and comes back when the shop refuses", () => {
  const going = cartReducer(read, { type: "going", line: line as unknown as CartLine });
  expect(countOf(going)).toBe(0);
  expect(going.removed?.name).toBe("Encre 50 ml");
  expect(countOf(cartReducer(going, { type: "refused", line: "a", why: "No." }))).toBe(1);
});
