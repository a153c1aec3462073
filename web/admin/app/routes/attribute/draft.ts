import { slugify } from "@noirel/shared/slug";
import type { AttributeWhole } from "../../catalogue";
import { parseDecimal } from "../../ui/number";
import type { Type } from "../attributes/words";

export type Draft = {
  label: string;
  name: string;
  type: Type;
  choices: string;
  is_facet: boolean;
  is_on_card: boolean;
  is_of_variant: boolean;
};

export const NAMES: Record<string, string> = {
  label: "Label",
  name: "Name in addresses",
  type: "Type",
  choices: "Values to choose from",
  is_facet: "A filter",
  is_on_card: "On cards",
  is_of_variant: "Set per variant",
};

export const draftOf = (one: AttributeWhole | null): Draft => ({
  label: one?.label ?? "",
  name: one?.name ?? "",
  type: one?.type ?? "text",
  choices: one?.choices.map(String).join("\n") ?? "",
  is_facet: one?.is_facet ?? false,
  is_on_card: one?.is_on_card ?? false,
  is_of_variant: one?.is_of_variant ?? false,
});

/** The name derived from a label: “Top note” is top-note. */
export const nameOf = (label: string): string => slugify(label, 60);

/** What is asked of the API: the fields that changed; a new one without a name has one made of its label. */
export function toRequest(draft: Draft, changed: (keyof Draft)[]) {
  const invalid: Record<string, string> = {};
  const data: Record<string, unknown> = {};
  if (!draft.label.trim()) invalid.label = "Enter a label.";
  for (const name of changed) {
    if (name === "choices") {
      const lines = draft.choices.split("\n").flatMap((line) => line.trim() || []);
      const choices = draft.type === "number" ? lines.map(parseDecimal) : lines;
      if (choices.some((one) => one === null)) invalid.choices = "Enter numbers, one per line.";
      if (draft.type !== "json") data.choices = choices;
    } else if (name === "name") {
      data.name = draft.name.trim() || nameOf(draft.label);
      if (!data.name) invalid.name = "Use letters, digits and hyphens, of any script.";
    } else if (name === "label") data.label = draft.label.trim();
    else data[name] = draft[name];
  }
  return Object.keys(invalid).length ? { invalid } : { data };
}

/** "choices.3", as the API calls a line of them. */
export const fieldOf = (name: string): string => name.split(".")[0] ?? name;
