import type { AdminProduct, Money } from "../../types";

/** What stands in the form: text, as typed. Prices are in the currency's major unit, "14500" or "14500.50". */
export type Draft = {
  name: string;
  subtitle: string;
  story: string;
  status: string;
  seo_title: string;
  seo_description: string;
  variants: Record<string, { price: string; compare_at: string }>;
};

export function draftOf(product: AdminProduct, shown: (money: Money) => string): Draft {
  return {
    name: product.name,
    subtitle: product.subtitle,
    story: product.story,
    status: product.status,
    seo_title: product.seo.title,
    seo_description: product.seo.description,
    variants: Object.fromEntries(
      product.variants.map(({ sku, price, compare_at }) => [
        sku,
        { price: shown(price), compare_at: compare_at ? shown(compare_at) : "" },
      ]),
    ),
  };
}

type Changes = {
  product: Record<string, unknown>;
  variants: Record<string, Record<string, Money | null>>;
  /** field ("SKU.price") -> what is wrong with it; nothing is sent while there is any */
  invalid: Record<string, string>;
};

/** What differs from the server's version, in the API's shapes. parse gives null for text that is no amount of that currency. */
export function changesOf(
  product: AdminProduct,
  draft: Draft,
  parse: (text: string, currency: string) => Money | null,
): Changes {
  const changes: Changes = { product: {}, variants: {}, invalid: {} };
  for (const name of ["name", "subtitle", "story", "status"] as const) {
    if (draft[name] !== product[name]) changes.product[name] = draft[name];
  }
  if (draft.seo_title !== product.seo.title || draft.seo_description !== product.seo.description) {
    changes.product.seo = { title: draft.seo_title, description: draft.seo_description };
  }
  for (const variant of product.variants) {
    const typed = draft.variants[variant.sku];
    if (!typed) continue;
    const fields: Record<string, Money | null> = {};
    for (const name of ["price", "compare_at"] as const) {
      const text = typed[name].trim();
      const before = variant[name];
      if (name === "compare_at" && text === "") {
        if (before) fields[name] = null;
        continue;
      }
      const money = parse(text, variant.price.currency);
      if (!money) changes.invalid[`${variant.sku}.${name}`] = "An amount, like 14500 or 14500.50.";
      else if (money.amount !== before?.amount) fields[name] = money;
    }
    if (Object.keys(fields).length) changes.variants[variant.sku] = fields;
  }
  return changes;
}
