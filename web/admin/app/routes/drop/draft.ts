import type { AdminDrop } from "../../types";
import { slugToSave } from "../../ui/SlugField";
import { fromLocal, toLocal } from "../../ui/time";

export const MAX_SLUG = 80;

/** A drop as the form holds it: everything is text, in the units people type. */
export type Draft = {
  name: string;
  slug: string;
  words: string;
  mode: "first_come" | "lottery";
  variants: string;
  opens_at: string;
  closes_at: string;
  per_person: string;
  per_address: string;
  hold_minutes: string;
  units: string;
  claim_hours: string;
  beacon_source: string;
};

export const EMPTY: Draft = {
  name: "",
  slug: "",
  words: "",
  mode: "first_come",
  variants: "",
  opens_at: "",
  closes_at: "",
  per_person: "1",
  per_address: "1",
  hold_minutes: "5",
  units: "",
  claim_hours: "48",
  beacon_source: "",
};

export function draftOf(drop: AdminDrop): Draft {
  return {
    name: drop.name,
    slug: drop.slug,
    words: drop.words,
    mode: drop.mode,
    variants: drop.variants.join("\n"),
    opens_at: toLocal(drop.opens_at),
    closes_at: toLocal(drop.closes_at),
    per_person: String(drop.per_person),
    per_address: String(drop.per_address),
    hold_minutes: String(drop.hold_seconds / 60),
    units: drop.units === null ? "" : String(drop.units),
    claim_hours: String(drop.claim_seconds / 3600),
    beacon_source: drop.beacon_source,
  };
}

type Wanted = { data: Record<string, unknown> } | { invalid: Record<string, string> };

/** What the form asks the API for, or what has to be looked at first. The rules themselves are the server's. */
export function wantedOf(draft: Draft, saved = ""): Wanted {
  const invalid: Record<string, string> = {};
  const whole = (name: keyof Draft, factor = 1) => {
    const count = Number(draft[name]) * factor;
    if (!draft[name].trim() || !Number.isInteger(count) || count < 1) invalid[name] = "A whole number, 1 or more.";
    return count;
  };
  if (!draft.name.trim()) invalid.name = "A name.";
  const address = slugToSave(draft.slug, { saved, maxLength: MAX_SLUG, name: draft.name });
  if ("wrong" in address) invalid.slug = address.wrong;
  if (!draft.opens_at) invalid.opens_at = "A day and an hour.";
  const variants = draft.variants.split(/[\s,]+/).filter(Boolean);
  if (variants.length === 0) invalid.variants = "At least one SKU.";
  const lottery = draft.mode === "lottery";
  const data = {
    name: draft.name.trim(),
    slug: "slug" in address ? address.slug : "",
    words: draft.words.trim(),
    mode: draft.mode,
    variants,
    opens_at: fromLocal(draft.opens_at),
    closes_at: fromLocal(draft.closes_at),
    per_person: whole("per_person"),
    per_address: whole("per_address"),
    hold_seconds: whole("hold_minutes", 60),
    ...(lottery && {
      units: whole("units"),
      claim_seconds: whole("claim_hours", 3600),
      beacon_source: draft.beacon_source.trim(),
    }),
  };
  return Object.keys(invalid).length ? { invalid } : { data };
}

/** The API's name of a field as the form's: "hold_seconds" is typed in minutes. */
export const fieldOf = (name: string): string =>
  ({ hold_seconds: "hold_minutes", claim_seconds: "claim_hours" })[name] ?? name.split(".")[0] ?? name;
