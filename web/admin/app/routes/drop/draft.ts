import type { AdminDrop } from "../../types";
import { parseWhole, wrongWhole } from "../../ui/number";
import { slugToSave } from "../../ui/SlugField";
import { fromLocal, toLocal, wrongDate } from "../../ui/time";

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

export function draftOf(drop: AdminDrop | null): Draft {
  if (!drop) return EMPTY;
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

type RequestOrErrors = { data: Record<string, unknown> } | { invalid: Record<string, string> };

/** The bounds of the numbers, in the units that are typed; the API has the same in its own. */
const BOUNDS = {
  per_person: { from: 1, to: 99 },
  per_address: { from: 1, to: 999 },
  hold_minutes: { from: 1, to: 30 },
  units: { from: 1, to: 1_000_000 },
  claim_hours: { from: 1, to: 336 },
} as const;

const LOTTERY = ["units", "claim_hours", "beacon_source"] as const;

/**
 * What the form asks the API for: the fields that changed, and those of a lottery once it becomes one. Or what has to be looked at
 * first, in the units that are typed. `saved`: the slug it has now.
 */
export function toRequest(draft: Draft, changed: (keyof Draft)[], saved = ""): RequestOrErrors {
  const invalid: Record<string, string> = {};
  const data: Record<string, unknown> = {};
  const sent = new Set<keyof Draft>(changed);
  if (draft.mode === "lottery") for (const name of LOTTERY) if (sent.has("mode")) sent.add(name);
  if (draft.mode !== "lottery") for (const name of LOTTERY) sent.delete(name);

  const number = (name: keyof typeof BOUNDS, field: string, factor = 1) => {
    if (!sent.has(name)) return;
    const count = parseWhole(draft[name]);
    const wrong = wrongWhole(count, BOUNDS[name]);
    if (wrong) invalid[name] = wrong;
    else data[field] = (count ?? 0) * factor;
  };
  if (!draft.name.trim()) invalid.name = "Enter a name.";
  const address = slugToSave(draft.slug, { saved, maxLength: MAX_SLUG, name: draft.name });
  if ("wrong" in address) invalid.slug = address.wrong;
  else if (sent.has("slug")) data.slug = address.slug;
  for (const name of ["name", "words", "mode", "beacon_source"] as const) {
    if (sent.has(name)) data[name] = draft[name].trim();
  }
  const variants = draft.variants.split(/[\s,]+/).filter(Boolean);
  if (variants.length === 0) invalid.variants = "Enter at least one SKU.";
  if (sent.has("variants")) data.variants = variants;
  if (!draft.opens_at) invalid.opens_at = "Enter a date and time.";
  for (const name of ["opens_at", "closes_at"] as const) {
    const wrong = wrongDate(draft[name]);
    if (wrong) invalid[name] = wrong;
    if (sent.has(name)) data[name] = fromLocal(draft[name]);
  }
  number("per_person", "per_person");
  number("per_address", "per_address");
  number("hold_minutes", "hold_seconds", 60);
  number("units", "units");
  number("claim_hours", "claim_seconds", 3600);
  return Object.keys(invalid).length ? { invalid } : { data };
}

export const NAMES: Record<keyof Draft, string> = {
  name: "Name",
  slug: "Address",
  words: "Description",
  mode: "Sold",
  variants: "SKUs",
  opens_at: "Opens",
  closes_at: "Closes",
  per_person: "For each person",
  per_address: "For each address",
  hold_minutes: "Minutes to pay",
  units: "Units",
  claim_hours: "Hours to buy",
  beacon_source: "Beacon",
};

/** The API's name of a field as the form's: "hold_seconds" is typed in minutes. */
export const fieldOf = (name: string): string =>
  ({ hold_seconds: "hold_minutes", claim_seconds: "claim_hours" })[name] ?? name.split(".")[0] ?? name;
