import type { Attribute } from "../../types";

/** A value as it stands in its field: as typed. Lists have one item a line. */
export function textOf({ type }: Pick<Attribute, "type">, value: unknown): string {
  if (value === undefined || value === null) return "";
  if (type === "json") return tidy(value);
  if (Array.isArray(value)) return value.map(String).join("\n");
  return typeof value === "object" ? tidy(value) : String(value);
}

export type Read = { value: unknown } | { wrong: string };

/** What was typed, in the attribute's type; undefined when the field is empty: the product has none then. */
export function readAs({ type, choices }: Pick<Attribute, "type" | "choices">, text: string): Read {
  const typed = text.trim();
  if (typed === "") return { value: undefined };
  const chosen = (value: unknown): Read =>
    choices.length && !choices.includes(value) ? { wrong: `One of ${choices.map(String).join(", ")}.` } : { value };
  switch (type) {
    case "number":
      return /^-?\d+(\.\d+)?$/.test(typed) ? chosen(Number(typed)) : { wrong: "Enter a number like 12 or 12.5." };
    case "list": {
      const items = typed
        .split("\n")
        .map((line) => line.trim())
        .filter(Boolean);
      const unknown = choices.length ? items.filter((item) => !choices.includes(item)) : [];
      return unknown.length ? { wrong: `Not a choice: ${unknown.join(", ")}.` } : { value: [...new Set(items)] };
    }
    case "colour":
      return /^#[0-9a-f]{6}$/i.test(typed) ? chosen(typed.toLowerCase()) : { wrong: "Enter a colour like #1a2b3c." };
    case "json":
      try {
        return chosen(JSON.parse(typed));
      } catch (error) {
        return { wrong: `Not valid JSON yet: ${error instanceof Error ? error.message : "it does not end"}.` };
      }
    default:
      return chosen(typed);
  }
}

const LINE = 88; // characters that are read at a glance

/** JSON for people: what is short stays on one line. */
export function tidy(value: unknown, indent = ""): string {
  const short = JSON.stringify(value);
  if (indent.length + short.length <= LINE || typeof value !== "object" || value === null) return short;
  const inner = `${indent}  `;
  if (Array.isArray(value)) return `[\n${value.map((one) => inner + tidy(one, inner)).join(",\n")}\n${indent}]`;
  const lines = Object.entries(value).map(([name, one]) => `${inner}${JSON.stringify(name)}: ${tidy(one, inner)}`);
  return `{\n${lines.join(",\n")}\n${indent}}`;
}
