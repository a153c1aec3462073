import { expect, test } from "vitest";
import type { Boost } from "../../catalogue";
import { boostOf, folded, signed, termsOf } from "./words";

test("terms are typed as people write them", () => {
  expect(termsOf(" oud, agarwood =aloes  wood;\n")).toEqual(["oud", "agarwood", "aloes  wood"]);
  expect(termsOf(" , ")).toEqual([]);
});

test("a question is folded as the shop folds it", () => {
  expect(folded("  Rose  ÉTEINTE! ")).toBe("rose eteinte");
  expect(folded("¿?")).toBe("");
});

test("a product's boost is that of this question, never that of all", () => {
  const boosts = [
    { id: 1, product: "encre", query: "", weight: 1 },
    { id: 2, product: "encre", query: "iris", weight: 2 },
  ] as Boost[];
  expect(boostOf(boosts, "encre", "Iris")?.id).toBe(2);
  expect(boostOf(boosts, "encre", "!")).toBeUndefined();
});

test("weights carry their sign", () => {
  expect([1.5, -2, 0].map(signed)).toEqual(["+1.5", "−2", "0"]);
});
