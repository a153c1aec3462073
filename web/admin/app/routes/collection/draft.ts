import type { AttributeCard, CollectionItem, CollectionWhole, Rule } from "../../catalogue";
import { parseMajor, toMajor } from "../../ui/major";
import { parseDecimal } from "../../ui/number";
import { slugToSave } from "../../ui/SlugField";
import { MAX_SLUG } from "../category/draft";

/** A rule as it is typed: everything is text until it is sent. */
export type RuleDraft = { field: string; name: string; is: string; value: string };
export type Draft = {
  name: string;
  slug: string;
  story: string;
  by: "hand" | "rule";
  match: "all" | "any";
  rules: RuleDraft[];
  products: CollectionItem[];
  seo_title: string;
  seo_description: string;
};
/** What typed rules are read by: the shop's currency, and the attributes with their types. */
export type Terms = { currency: string; attributes: AttributeCard[] };

const MAX_LISTED = 40; // names of a long order

export const NAMES: Record<string, string> = {
  name: "Name",
  slug: "Address",
  story: "Story",
  by: "Products",
  match: "Products meet",
  rules: "Rules",
  products: "Products in order",
  seo_title: "Title for search engines",
  seo_description: "Description for search engines",
};

/** What can be asked of each field, and how that reads. */
export const FIELDS: Record<string, { label: string; asked: Record<string, string> }> = {
  tag: { label: "Tag", asked: { is: "is", is_not: "is not" } },
  vendor: { label: "Vendor", asked: { is: "is", is_not: "is not" } },
  category: { label: "Category", asked: { is: "is", is_not: "is not" } },
  attribute: { label: "Attribute", asked: { is: "is", is_not: "is not" } },
  price: { label: "Price", asked: { at_least: "is at least", at_most: "is at most" } },
  in_stock: { label: "In stock", asked: { is: "is" } },
  published: { label: "Published", asked: { within: "in the last days" } },
};

export const EMPTY_RULE: RuleDraft = { field: "tag", name: "", is: "is", value: "" };

export const draftOf = (collection: CollectionWhole | null, { currency }: Terms): Draft => ({
  name: collection?.name ?? "",
  slug: collection?.slug ?? "",
  story: collection?.story ?? "",
  by: collection?.rules ? "rule" : "hand",
  match: collection?.match ?? "all",
  rules: (collection?.rules ?? []).map((rule) => ({
    field: rule.field,
    name: rule.name ?? "",
    is: rule.is,
    value: rule.field === "price" ? toMajor({ amount: Number(rule.value), currency }) : String(rule.value),
  })),
  // Those of a collection by rule come and go with its rules, and are nobody's to put in order.
  products: collection && !collection.rules ? collection.products : [],
  seo_title: collection?.seo.title ?? "",
  seo_description: collection?.seo.description ?? "",
});

/** The rule as the API has it; null while it says nothing yet. */
export function ruleOf({ field, name, is, value }: RuleDraft, { currency, attributes }: Terms): Rule | null {
  const text = value.trim();
  if (!text) return null;
  if (field === "price") {
    const money = parseMajor(text, currency);
    return money && { field, is, value: money.amount };
  }
  if (field === "published")
    return /^\d{1,4}$/.test(text) && Number(text) > 0 ? { field, is, value: Number(text) } : null;
  if (field === "in_stock") return { field, is, value: text === "true" };
  if (field !== "attribute") return { field, is, value: text };
  const attribute = attributes.find((one) => one.name === name);
  if (!attribute) return null;
  if (attribute.type !== "number") return { field, name, is, value: text };
  const number = parseDecimal(text);
  return number === null ? null : { field, name, is, value: number };
}

/** All of the rules as the API has them; null while one of them says nothing yet. */
export function rulesOf(rules: RuleDraft[], terms: Terms): Rule[] | null {
  const whole = rules.map((rule) => ruleOf(rule, terms));
  return whole.length && whole.every((rule) => rule !== null) ? whole : null;
}

/** What is asked of the API: the fields that changed; rules and their match go together, products only of one by hand. */
export function toRequest(draft: Draft, changed: (keyof Draft)[], terms: Terms, saved = "") {
  const invalid: Record<string, string> = {};
  if (!draft.name.trim()) invalid.name = "Enter a name.";
  const address = slugToSave(draft.slug, { saved, maxLength: MAX_SLUG, name: draft.name });
  if ("wrong" in address) invalid.slug = address.wrong;
  const rules = draft.by === "rule" ? rulesOf(draft.rules, terms) : null;
  if (draft.by === "rule" && !rules) {
    if (!draft.rules.length) invalid.rules = "Add at least one rule.";
    draft.rules.forEach((rule, at) => {
      if (!ruleOf(rule, terms)) invalid[`rules.${at}`] = "Enter a value.";
    });
  }
  if (Object.keys(invalid).length) return { invalid };
  const data: Record<string, unknown> = {};
  for (const name of changed) {
    if (name === "seo_title" || name === "seo_description") {
      data.seo = { title: draft.seo_title.trim(), description: draft.seo_description.trim() };
    } else if (name === "by" || name === "match" || name === "rules") {
      data.rules = rules;
      if (rules) data.match = draft.match;
    } else if (name === "products") {
      if (draft.by === "hand") data.products = draft.products.map(({ slug }) => slug);
    } else if (name === "slug") data.slug = "slug" in address ? address.slug : "";
    else data[name] = draft[name].trim();
  }
  return { data };
}

/** "seo.title", "rules.2.value" and "products.4", as the API calls them: a rule's are that rule's. */
export const fieldOf = (name: string): string =>
  name.startsWith("seo.")
    ? name.replace(".", "_")
    : name
        .split(".")
        .slice(0, name.startsWith("rules.") ? 2 : 1)
        .join(".");

/** A field's value in words, for whoever compares two versions. */
export function displayValue(name: string, value: unknown): string {
  if (name === "products") {
    const products = value as CollectionItem[];
    const first = products.slice(0, MAX_LISTED).map((one) => one.name);
    if (products.length > MAX_LISTED) first.push(`and ${products.length - MAX_LISTED} more`);
    return first.join(", ") || "None";
  }
  if (name === "rules") return (value as RuleDraft[]).map(inWords).join("; ") || "None";
  if (name === "by") return value === "rule" ? "By rule" : "By hand";
  if (name === "match") return value === "any" ? "Any one of the rules" : "All of the rules";
  return String(value) || "Nothing";
}

const inWords = ({ field, name, is, value }: RuleDraft): string =>
  `${name || FIELDS[field]?.label || field} ${FIELDS[field]?.asked[is] ?? is} ${value}`;
