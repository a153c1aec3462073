import type { Product } from "@noirel/shared/api/types";

/** Attributes that have a place of their own on the page; the rest are listed as facts. */
const PLACED = new Set(["hour", "plate", "notes", "drydown", "line", "sentence", "ingredients"]);

export type Fact = { text: string; swatch?: string } | { rows: { label: string; text: string }[] };

const upper = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/** A value in words: a list is its members, a truth is yes or no; what is deeper is left out. */
function words(value: unknown): string {
  if (Array.isArray(value)) return value.map(words).filter(Boolean).join(", ");
  if (typeof value === "boolean") return value ? "Yes" : "No";
  if (typeof value === "number") return value.toLocaleString("en-IN");
  if (typeof value === "string") return value;
  if (value && typeof value === "object") {
    return Object.values(value)
      .map((each) => (typeof each === "object" ? "" : words(each)))
      .filter(Boolean)
      .join(", ");
  }
  return "";
}

/** What the shop says of a product in attributes of its own, in the order the shop gave them. */
export function factsOf(product: Product): { label: string; value: Fact }[] {
  return product.attribute_definitions.flatMap(({ name, label, type }): { label: string; value: Fact }[] => {
    const value = product.attributes[name];
    if (PLACED.has(name)) return [];
    if (value && typeof value === "object" && !Array.isArray(value)) {
      const rows = Object.entries(value)
        .map(([key, its]) => ({ label: upper(key.replaceAll("_", " ")), text: words(its) }))
        .filter(({ text }) => text);
      return rows.length > 0 ? [{ label, value: { rows } }] : [];
    }
    const text = words(value);
    if (!text) return [];
    return [{ label, value: type === "colour" ? { text, swatch: text } : { text: upper(text) } }];
  });
}

export function FactValue({ fact }: { fact: Fact }) {
  if ("rows" in fact) {
    return (
      <ul>
        {fact.rows.map(({ label, text }) => (
          <li key={label}>
            <span className="text-ink-3">{label}:</span> {text}
          </li>
        ))}
      </ul>
    );
  }
  if (!fact.swatch) return fact.text;
  return (
    <span className="inline-flex items-center gap-2">
      <span
        aria-hidden="true"
        className="size-4 shrink-0 rounded-full border border-rule"
        style={{ backgroundColor: fact.swatch }}
      />
      {fact.text}
    </span>
  );
}
