import type { AttributeCard } from "../../catalogue";

export type Type = AttributeCard["type"];
export const TYPES: Record<Type, { label: string; hint: string }> = {
  text: { label: "Text", hint: "One value, like a family, a maker or a fabric." },
  number: { label: "Number", hint: "A number without a unit, like 12.5." },
  list: { label: "List", hint: "Several values, like notes or the colours of a print." },
  colour: { label: "Colour", hint: "Shown as a swatch, like #1b2a4a." },
  json: { label: "Rich data", hint: "JSON that the shop’s pages can draw, like a pyramid of notes." },
};

/** What an attribute does, in few words. */
export const doesOf = ({ is_facet, is_on_card, is_of_variant }: AttributeCard): string =>
  [is_facet && "a filter", is_on_card && "on cards", is_of_variant && "set per variant"].filter(Boolean).join(", ") ||
  "on the product’s page";
