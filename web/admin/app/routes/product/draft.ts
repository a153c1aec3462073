import { exponent } from "@noirel/shared/money";
import { MAX_SLUG } from "@noirel/shared/slug";
import type { AdminProduct, AdminVariant, Attribute, Money } from "../../types";
import { parseMajor, toMajor } from "../../ui/major";
import { parsePercent } from "../../ui/number";
import { slugToSave } from "../../ui/SlugField";
import { fromLocal, toLocal, wrongDate } from "../../ui/time";
import { readAs, textOf } from "./facts";

/** A variant as typed: prices in the currency's major unit, tax in percent. */
export type VariantDraft = {
  sku: string;
  price: string;
  compare_at: string;
  barcode: string;
  weight: string;
  tax: string;
  image: string;
  attributes: Record<string, string>;
};

/** What stands in the form: text, as typed. Variants go by the SKU they have on the server. */
export type Draft = {
  name: string;
  slug: string;
  subtitle: string;
  story: string;
  vendor: string;
  tags: string;
  status: string;
  published_at: string;
  unpublish_at: string;
  is_listed: boolean;
  category: string;
  collections: string[];
  related: string[];
  attributes: Record<string, string>;
  seo_title: string;
  seo_description: string;
  seo_canonical: string;
  seo_image: string;
  variants: Record<string, VariantDraft>;
};

const facts = (definitions: Attribute[], values: Record<string, unknown>, ofVariant: boolean) =>
  Object.fromEntries(
    definitions
      .filter((one) => one.is_of_variant === ofVariant)
      .map((one) => [one.name, textOf(one, values[one.name])]),
  );

export function draftOf(product: AdminProduct, definitions: Attribute[]): Draft {
  return {
    name: product.name,
    slug: product.slug,
    subtitle: product.subtitle,
    story: product.story,
    vendor: product.vendor,
    tags: product.tags.join(", "),
    status: product.status,
    published_at: toLocal(product.published_at),
    unpublish_at: toLocal(product.unpublish_at),
    is_listed: product.is_listed,
    category: product.category ?? "",
    collections: product.collections.filter((one) => !one.is_ruled).map((one) => one.slug),
    related: product.related,
    attributes: facts(definitions, product.attributes, false),
    seo_title: product.seo.title,
    seo_description: product.seo.description,
    seo_canonical: product.seo.canonical,
    seo_image: product.seo.image?.id ?? "",
    variants: Object.fromEntries(
      offered(product).map((variant) => [
        variant.sku,
        {
          sku: variant.sku,
          price: toMajor(variant.price),
          compare_at: variant.compare_at ? toMajor(variant.compare_at) : "",
          barcode: variant.barcode,
          weight: variant.weight_grams === null ? "" : String(variant.weight_grams),
          tax: String(variant.tax_rate_bps / 100),
          image: variant.image ?? "",
          attributes: facts(definitions, variant.attributes, true),
        },
      ]),
    ),
  };
}

export const offered = (product: AdminProduct) => product.variants.filter((variant) => !variant.archived_at);

type Change = { sku: string; change: Record<string, unknown> };

export type Changes = {
  /** in the API's shape; nothing in it when nothing changed */
  product: Record<string, unknown> & { variants?: Change[] };
  /** field ("SKU.price", "attributes.hour") -> what is wrong with it; nothing is sent while there is any */
  invalid: Record<string, string>;
  count: number;
};

const words = (text: string) => [
  ...new Set(
    text
      .split(",")
      .map((word) => word.trim())
      .filter(Boolean),
  ),
];
const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);

/** What differs from the server's version, in the API's shapes. */
export function changesOf(product: AdminProduct, draft: Draft, definitions: Attribute[]): Changes {
  const before = draftOf(product, definitions);
  const change: Changes["product"] = {};
  const invalid: Changes["invalid"] = {};
  for (const name of ["name", "subtitle", "story", "vendor", "status", "is_listed", "related"] as const) {
    if (!same(draft[name], before[name])) change[name] = draft[name];
  }
  if (!same([...draft.collections].sort(), [...before.collections].sort())) change.collections = draft.collections;
  if (!draft.name.trim()) invalid.name = "Enter a name.";
  if (draft.slug !== before.slug) {
    const address = slugToSave(draft.slug, { saved: product.slug, maxLength: MAX_SLUG, name: draft.name });
    if ("wrong" in address) invalid.slug = address.wrong;
    else if (address.slug && address.slug !== product.slug) change.slug = address.slug;
  }
  if (draft.category !== before.category) change.category = draft.category || null;
  if (!same(words(draft.tags), words(before.tags))) change.tags = words(draft.tags);
  for (const name of ["published_at", "unpublish_at"] as const) {
    if (draft[name] === before[name]) continue;
    const wrong = wrongDate(draft[name]);
    if (wrong) invalid[name] = wrong;
    else change[name] = fromLocal(draft[name]);
  }
  if (draft.published_at && draft.unpublish_at && draft.unpublish_at <= draft.published_at) {
    invalid.unpublish_at = "It must end after it begins.";
  }
  const seo = ["seo_title", "seo_description", "seo_canonical", "seo_image"] as const;
  if (seo.some((name) => draft[name] !== before[name])) {
    change.seo = {
      title: draft.seo_title,
      description: draft.seo_description,
      canonical: draft.seo_canonical.trim(),
      image: draft.seo_image || null,
    };
  }
  const own = definitions.filter((one) => !one.is_of_variant);
  const attributes = told(own, product.attributes, before.attributes, draft.attributes, (name, wrong) => {
    invalid[`attributes.${name}`] = wrong;
  });
  if (attributes) change.attributes = attributes;
  const variants: Change[] = [];
  for (const variant of offered(product)) {
    const typed = draft.variants[variant.sku];
    const was = before.variants[variant.sku];
    if (!typed || !was) continue;
    const fields = variantChanges(variant, was, typed, definitions, (field, wrong) => {
      invalid[`${variant.sku}.${field}`] = wrong;
    });
    if (Object.keys(fields).length) variants.push({ sku: variant.sku, change: fields });
  }
  const count = Object.keys(change).length + variants.reduce((sum, one) => sum + Object.keys(one.change).length, 0);
  if (variants.length) change.variants = variants;
  return { product: change, invalid, count };
}

/** All values after the change, or nothing when none changed. What was not touched stays as it is, whatever its type. */
function told(
  definitions: Attribute[],
  values: Record<string, unknown>,
  before: Record<string, string>,
  typed: Record<string, string>,
  blame: (name: string, wrong: string) => void,
): Record<string, unknown> | undefined {
  const touched = definitions.filter(({ name }) => (typed[name] ?? "") !== (before[name] ?? ""));
  if (!touched.length) return undefined;
  const after = { ...values };
  for (const one of touched) {
    const read = readAs(one, typed[one.name] ?? "");
    if ("wrong" in read) blame(one.name, read.wrong);
    else if (read.value === undefined) delete after[one.name];
    else after[one.name] = read.value;
  }
  return after;
}

function variantChanges(
  variant: AdminVariant,
  was: VariantDraft,
  typed: VariantDraft,
  definitions: Attribute[],
  blame: (field: string, wrong: string) => void,
): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  const { currency } = variant.price;
  const amounts: Record<string, Money | null> = { compare_at: null };
  for (const name of ["price", "compare_at"] as const) {
    const text = typed[name].trim();
    if (name === "price" || text !== "") {
      const money = parseMajor(text, currency);
      if (money) amounts[name] = money;
      else {
        blame(name, `Enter an amount like 14500${exponent(currency) ? " or 14500.50" : ""}.`);
        continue;
      }
    }
    if ((amounts[name]?.amount ?? null) !== (variant[name]?.amount ?? null)) fields[name] = amounts[name];
  }
  const { price, compare_at } = amounts;
  if (price && compare_at && compare_at.amount <= price.amount)
    blame("compare_at", "The compare-at price must be above the price.");
  const sku = typed.sku.trim();
  if (!sku) blame("sku", "Enter a SKU.");
  else if (sku !== was.sku) fields.sku = sku;
  if (typed.barcode.trim() !== was.barcode) fields.barcode = typed.barcode.trim();
  if (typed.weight.trim() !== was.weight) {
    if (/^\d{0,8}$/.test(typed.weight.trim())) fields.weight_grams = typed.weight.trim() ? Number(typed.weight) : null;
    else blame("weight", "Enter whole grams.");
  }
  if (typed.tax.trim() !== was.tax) {
    const bps = parsePercent(typed.tax);
    if (bps !== null && bps <= 10_000) fields.tax_rate_bps = bps;
    else blame("tax", "Enter a percentage like 18 or 12.5.");
  }
  if (typed.image !== was.image) fields.image = typed.image || null;
  const own = definitions.filter((one) => one.is_of_variant);
  const attributes = told(own, variant.attributes, was.attributes, typed.attributes, (name, wrong) =>
    blame(`attributes.${name}`, wrong),
  );
  if (attributes) fields.attributes = attributes;
  return fields;
}

const API_FIELDS: Record<string, string> = { weight_grams: "weight", tax_rate_bps: "tax" };

/** Where the form shows what the server says of `variants.0.change.price.currency`: at "SKU.price". */
export function fieldOf(field: string, sent: Change[] = []): string {
  const [, at = "", inner = "sku"] = /^variants\.(\d+)\.(?:change\.)?(.+)$/.exec(field) ?? [];
  if (at) {
    const name = inner.replace(/\.(currency|amount)$/, "");
    return `${sent[Number(at)]?.sku}.${API_FIELDS[name] ?? name}`;
  }
  return field.replace(/^(collections|related|images|tags)\.\d+$/, "$1");
}

/** The columns of the matrix that text can be put into, in their order. */
/** Whether a price as it is typed is 0. */
export const isFree = (price: string): boolean => price.trim() !== "" && Number(price.replace(/[,\s]/g, "")) === 0;

export const CELLS = ["price", "compare_at", "sku", "barcode", "weight", "tax"] as const;

/** What was copied from a sheet goes into the cells from there on, rightwards and down; what has no cell is left out. */
export function pasted(
  draft: Draft,
  skus: string[],
  from: { sku: string; cell: (typeof CELLS)[number] },
  text: string,
): Draft {
  const variants = { ...draft.variants };
  const rows = text.replace(/\r?\n$/, "").split(/\r?\n/);
  rows.forEach((row, down) => {
    const sku = skus[skus.indexOf(from.sku) + down];
    const before = sku === undefined ? undefined : variants[sku];
    if (sku === undefined || !before) return;
    const after = { ...before };
    row.split("\t").forEach((value, right) => {
      const cell = CELLS[CELLS.indexOf(from.cell) + right];
      if (cell) after[cell] = value.trim();
    });
    variants[sku] = after;
  });
  return { ...draft, variants };
}
