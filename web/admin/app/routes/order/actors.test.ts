import { expect, test } from "vitest";
import { actedOn, byWhom } from "./actors";

test("a line of the timeline says who did it, in one sentence", () => {
  expect(actedOn({ message: "Packed.", actor: "Ira Menon" })).toBe("Packed by Ira Menon.");
  expect(actedOn({ message: "₹900 is going back to the buyer.", actor: "system" })).toBe(
    "₹900 is going back to the buyer automatically.",
  );
  expect(actedOn({ message: "Order placed.", actor: "" })).toBe("Order placed.");
  expect(actedOn({ message: "Order placed.", actor: "guest" })).toBe("Order placed.");
});

test("what a person wrote, or was written as several sentences, is left whole", () => {
  expect(actedOn({ message: "Order cancelled: out of stock", actor: "Ira Menon" })).toBe(
    "Order cancelled: out of stock. By Ira Menon.",
  );
  expect(actedOn({ message: "Sent back. Your bank shows it soon.", actor: "system" })).toBe(
    "Sent back. Your bank shows it soon. Automatically.",
  );
});

test("a refund says whether a person or the shop began it", () => {
  expect([byWhom("system"), byWhom("Ira Menon"), byWhom("")]).toEqual(["automatically", "by Ira Menon", ""]);
});
