import { expect, test } from "vitest";
import type { AdminProduct } from "../../types";
import { parseMajor, toMajor } from "../../ui/major";
import { changesOf, draftOf } from "./draft";

const product = {
  slug: "encre",
  name: "Encre",
  subtitle: "Iris root",
  story: "<p>Ink.</p>",
  status: "active",
  seo: { title: "Encre", description: "" },
  variants: [
    {
      sku: "ENC-50",
      price: { amount: 1_450_000, currency: "INR" },
      compare_at: { amount: 1_600_000, currency: "INR" },
    },
    { sku: "ENC-10", price: { amount: 420_050, currency: "INR" }, compare_at: null },
  ],
} as unknown as AdminProduct;

const draft = () => draftOf(product, toMajor);

test("an untouched form changes nothing", () => {
  expect(changesOf(product, draft(), parseMajor)).toEqual({ product: {}, variants: {}, invalid: {} });
});

test("only what differs is sent, prices in minor units", () => {
  const edited = draft();
  edited.name = "Encre noire";
  edited.variants["ENC-50"] = { price: "15,000", compare_at: "" };
  expect(changesOf(product, edited, parseMajor)).toEqual({
    product: { name: "Encre noire" },
    variants: { "ENC-50": { price: { amount: 1_500_000, currency: "INR" }, compare_at: null } },
    invalid: {},
  });
});

test.each(["", "twelve", "-5", "12.345"])("%j is no price", (text) => {
  const edited = draft();
  edited.variants["ENC-10"] = { price: text, compare_at: "" };
  expect(Object.keys(changesOf(product, edited, parseMajor).invalid)).toEqual(["ENC-10.price"]);
});
