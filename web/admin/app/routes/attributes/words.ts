import type { AttributeCard } from "../../catalogue";

export type Type = AttributeCard["type"];
export const TYPES: Record<Type, { label: string; hint: string }> = {
  text: { label: "Text", hint: "One value: a family, a maker, a cloth." },
  number: { label: "Number", hint: "A figure without a unit: 12.5." },
  list: { label: "List", hint: "Several values: notes, colours of a print." },
  colour: { label: "Colour", hint: "Shown as a swatch: #1b2a4a." },
  json: { label: "Rich data", hint: "Anything the shop’s pages know how to draw: a pyramid of notes, a drydown." },
};

/** What an attribute does, in few words. */
export const doesOf = ({ is_facet, is_on_card, is_of_variant }: AttributeCard): string =>
  [is_facet && "a filter", is_on_card && "on cards", is_of_variant && "told of each variant"]
    .filter(Boolean)
    .join(", ") || "on the product’s page";
