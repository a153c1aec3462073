import { describe, expect, test } from "vitest";
import type { AdminProduct, Attribute } from "../../types";
import { changesOf, draftOf, fieldOf, pasted } from "./draft";
import { readAs, textOf, tidy } from "./facts";
import { lackingOf } from "./lacking";
import { merged, put } from "./merge";
import { missingOf, optionDrafts, wantedOptions } from "./options";

const attribute = (name: string, type: Attribute["type"], over: Partial<Attribute> = {}): Attribute => ({
  name,
  label: name,
  type,
  is_facet: false,
  is_on_card: false,
  is_of_variant: false,
  choices: [],
  position: 0,
  updated_at: "2026-11-23T00:00:00Z",
  ...over,
});
const definitions = [
  attribute("hour", "text"),
  attribute("notes", "json"),
  attribute("family", "list"),
  attribute("cap", "text", { is_of_variant: true, choices: ["wood", "brass"] }),
];

const variant = (sku: string, over: object) => ({
  sku,
  title: sku,
  options: { size: sku },
  compare_at: null,
  barcode: "",
  weight_grams: null,
  tax_rate_bps: 1800,
  image: null,
  attributes: {},
  archived_at: null,
  ...over,
});
const product = {
  slug: "encre",
  name: "Encre",
  subtitle: "Iris root",
  story: "<p>Ink.</p>",
  vendor: "NOIR'EL",
  tags: ["night", "ink"],
  status: "active",
  category: "woods",
  attributes: { hour: "21:12", family: "woody", unheard: 5 },
  collections: [
    { slug: "hours", name: "Hours", is_ruled: false },
    { slug: "dear", name: "Dear", is_ruled: true },
  ],
  related: [],
  is_listed: true,
  published_at: null,
  unpublish_at: null,
  seo: { title: "Encre", description: "", canonical: "", image: null },
  options: [{ name: "size", label: "Size", values: ["ENC-50", "ENC-10", "ENC-5"] }],
  variants: [
    variant("ENC-50", {
      price: { amount: 1_450_000, currency: "INR" },
      compare_at: { amount: 1_600_000, currency: "INR" },
    }),
    variant("ENC-10", { price: { amount: 420_050, currency: "INR" } }),
    variant("OLD", { price: { amount: 1, currency: "INR" }, archived_at: "2026-01-01T00:00:00Z" }),
  ],
} as unknown as AdminProduct;

const draft = () => draftOf(product, definitions);
const edited = (sku: string, news: object) => {
  const one = draft();
  one.variants[sku] = { ...one.variants[sku], ...news } as (typeof one.variants)[string];
  return one;
};
const wrong = (sku: string, news: object) => Object.keys(changesOf(product, edited(sku, news), definitions).invalid);

test("an untouched form changes nothing", () => {
  expect(changesOf(product, draft(), definitions)).toEqual({ product: {}, invalid: {}, count: 0 });
});

test("only what differs is sent, in the API's units", () => {
  const one = edited("ENC-50", { price: "15,000", compare_at: "", weight: "310", tax: "12.5", sku: "NOIR-50" });
  Object.assign(one, { name: "Encre noire", category: "", tags: "ink,  smoke ,ink", collections: ["night"] });
  expect(changesOf(product, one, definitions)).toEqual({
    product: {
      name: "Encre noire",
      category: null,
      tags: ["ink", "smoke"],
      collections: ["night"],
      variants: [
        {
          sku: "ENC-50",
          change: {
            price: { amount: 1_500_000, currency: "INR" },
            compare_at: null,
            sku: "NOIR-50",
            weight_grams: 310,
            tax_rate_bps: 1250,
          },
        },
      ],
    },
    invalid: {},
    count: 9,
  });
});

test("an attribute that was not touched is sent as it was, whatever its type; an emptied one goes", () => {
  const one = draft();
  one.attributes = { ...one.attributes, hour: "", notes: '{"top": ["iris"]}' };
  expect(changesOf(product, one, definitions).product.attributes).toEqual({
    family: "woody",
    unheard: 5,
    notes: { top: ["iris"] },
  });
});

test.each(["", "twelve", "-5", "12.345"])("%j is no price", (price) => {
  expect(wrong("ENC-10", { price })).toEqual(["ENC-10.price"]);
});

test("what a variant cannot be is said at its cell", () => {
  expect(wrong("ENC-10", { compare_at: "4200" })).toEqual(["ENC-10.compare_at"]);
  expect(wrong("ENC-10", { sku: " ", weight: "1.5", tax: "101" })).toEqual([
    "ENC-10.sku",
    "ENC-10.weight",
    "ENC-10.tax",
  ]);
  expect(wrong("ENC-10", { attributes: { cap: "gold" } })).toEqual(["ENC-10.attributes.cap"]);
  const ends = { ...draft(), published_at: "2026-11-23T10:00", unpublish_at: "2026-11-23T09:00" };
  expect(Object.keys(changesOf(product, ends, definitions).invalid)).toEqual(["unpublish_at"]);
});

test("the server's word on a variant lands at its cell", () => {
  const sent = [{ sku: "ENC-50", change: {} }];
  expect(fieldOf("variants.0.change.price.currency", sent)).toBe("ENC-50.price");
  expect(fieldOf("variants.0.change.tax_rate_bps", sent)).toBe("ENC-50.tax");
  expect(fieldOf("variants.0.change.attributes.cap", sent)).toBe("ENC-50.attributes.cap");
  expect(fieldOf("related.2")).toBe("related");
  expect(fieldOf("attributes.hour")).toBe("attributes.hour");
});

test("a block from a sheet fills the cells from there on, and no others", () => {
  const { variants } = pasted(
    draft(),
    ["ENC-50", "ENC-10"],
    { sku: "ENC-50", cell: "barcode" },
    "1\t2\t5\tx\r\n3\t4\n5\t6\n",
  );
  expect(variants["ENC-50"]).toMatchObject({ barcode: "1", weight: "2", tax: "5", price: "14500" });
  expect(variants["ENC-10"]).toMatchObject({ barcode: "3", weight: "4", tax: "18" });
});

describe("facts", () => {
  test.each([
    ["number", "12.50", { value: 12.5 }],
    ["list", "iris\n\n ink \niris", { value: ["iris", "ink"] }],
    ["colour", "#1A2B3C", { value: "#1a2b3c" }],
    ["json", "[1, 2]", { value: [1, 2] }],
    ["text", "  ", { value: undefined }],
  ] as const)("%s reads %j", (type, text, read) => {
    expect(readAs(attribute("fact", type), text)).toEqual(read);
  });

  test.each([
    ["number", "1e3"],
    ["number", "twelve"],
    ["colour", "blue"],
    ["json", "{"],
  ] as const)("as a %s, %j is wrong", (type, text) => {
    expect(readAs(attribute("fact", type), text)).toHaveProperty("wrong");
  });

  test("a choice is one of the choices", () => {
    expect(readAs(attribute("fact", "number", { choices: [5, 10] }), "5")).toEqual({ value: 5 });
    expect(readAs(attribute("fact", "list", { choices: ["a"] }), "a\nb")).toEqual({ wrong: "Not a choice: b." });
  });

  test("JSON is tidied to what was in it", () => {
    const value = { curve: Array.from({ length: 40 }, (_, at) => [at, 0.5]), notes: { top: ["iris"] }, none: null };
    expect(JSON.parse(tidy(value))).toEqual(value);
    expect(tidy(value)).toContain("\n    [39, 0.5]".replace(", ", ","));
    expect(textOf(attribute("fact", "list"), ["a", "b"])).toBe("a\nb");
  });
});

test("what I did not touch becomes theirs, what we both changed is asked about", () => {
  const base = draft();
  const mine = edited("ENC-50", { price: "1" });
  Object.assign(mine, { name: "Mine", subtitle: "Mine too" });
  const theirs = edited("ENC-50", { barcode: "890" });
  Object.assign(theirs, { name: "Theirs", story: "<p>New</p>" });
  delete theirs.variants["ENC-10"];
  const met = merged(base, mine, theirs);
  expect(met.draft).toMatchObject({ name: "Mine", subtitle: "Mine too", story: "<p>New</p>" });
  expect(met.draft.variants).toEqual({ "ENC-50": { ...base.variants["ENC-50"], price: "1", barcode: "890" } });
  expect(met.clashes).toEqual([{ path: ["name"], mine: "Mine", theirs: "Theirs" }]);
  expect(put(met.draft, ["variants", "ENC-50", "price"], "2").variants["ENC-50"]?.price).toBe("2");
  expect(merged(base, mine, mine).clashes).toEqual([]);
});

test("a renamed value keeps its variants, a new option is named by its label", () => {
  const drafts = optionDrafts(product);
  const size = drafts[0];
  if (!size?.values[0]) throw new Error("There is an option.");
  size.values[0].now = "Fifty";
  const glass = { key: "x", was: "", label: "Verre fumé", values: [{ key: "y", was: "", now: " Noir " }] };
  expect(wantedOptions([...drafts, glass])).toEqual({
    options: [
      { name: "size", label: "Size", values: ["Fifty", "ENC-10", "ENC-5"], renamed: { "ENC-50": "Fifty" } },
      { name: "verre-fume", label: "Verre fumé", values: ["Noir"] },
    ],
  });
  expect(wantedOptions([{ ...glass, values: [] }])).toEqual({ wrong: "Verre fumé has no values yet." });
  expect(wantedOptions([glass, { ...glass }])).toHaveProperty("wrong");
});

test("combinations without a variant are counted", () => {
  expect(missingOf(product)).toEqual([{ size: "ENC-5" }]);
  expect(missingOf({ ...product, options: [] })).toEqual([]);
});

test("a published picture without words is named", () => {
  const pictures = ["Seen", "", " "].map((alt, at) => ({ id: String(at), alt, focal: null, picture: {} as never }));
  expect(lackingOf(draft(), pictures)).toEqual(["Alt text for pictures 2 and 3."]);
  expect(lackingOf({ ...draft(), status: "archived" }, [])).toEqual([]);
  expect(lackingOf({ ...edited("ENC-10", { price: "0" }), category: "", story: "" }, [])).toEqual([
    "A picture.",
    "A price for ENC-10.",
    "A category.",
    "A story.",
  ]);
  // Unlisted and free: a sample.
  const sample = { ...edited("ENC-10", { price: "0.00" }), is_listed: false };
  expect(lackingOf(sample, [])).not.toContain("A price for ENC-10.");
});
