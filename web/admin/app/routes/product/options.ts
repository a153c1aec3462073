import { slugify } from "@noirel/shared/slug";
import type { AdminProduct } from "../../types";

/** An option in its form: `was` says what the server calls it and its values, so that a new name is not a new thing. */
export type OptionDraft = {
  key: string;
  was: string;
  label: string;
  values: { key: string; was: string; now: string }[];
};

const fresh = () => crypto.randomUUID();
export const newOption = (): OptionDraft => ({ key: fresh(), was: "", label: "", values: [newValue()] });
export const newValue = () => ({ key: fresh(), was: "", now: "" });

export const optionDrafts = (product: AdminProduct): OptionDraft[] =>
  product.options.map(({ name, label, values }) => ({
    key: name,
    was: name,
    label,
    values: values.map((value) => ({ key: value, was: value, now: value })),
  }));

const nameOf = (label: string) => slugify(label, 60);

/** Case, spaces and Unicode form make no other value: backend catalog/option_values.py. */
const sameness = (value: string) =>
  value
    .normalize("NFC")
    .replace(/[\u200b\u2060\ufeff]/g, "")
    .replace(/\s+/g, " ")
    .trim()
    .toLowerCase();

type Wanted = { options: object[] } | { wrong: string };

/** What the API is asked for, or what is still wrong. Empty values are left out. */
export function wantedOptions(drafts: OptionDraft[]): Wanted {
  const options = [];
  const names = new Set<string>();
  for (const { was, label, values } of drafts) {
    const told = values.map(({ was: before, now }) => ({ before, now: now.trim() })).filter(({ now }) => now);
    if (!label.trim()) return { wrong: "Enter a name for the option, like Size." };
    if (!told.length) return { wrong: `${label} has no values yet.` };
    if (new Set(told.map(({ now }) => sameness(now))).size < told.length)
      return { wrong: `${label} has the same value twice.` };
    const name: string = was || nameOf(label) || `option-${options.length + 1}`;
    if (names.has(name)) return { wrong: `There are two options named ${label}.` };
    names.add(name);
    const renamed = Object.fromEntries(
      told.filter(({ before, now }) => before && before !== now).map(({ before, now }) => [before, now]),
    );
    options.push({
      name,
      label: label.trim(),
      values: told.map(({ now }) => now),
      ...(Object.keys(renamed).length && { renamed }),
    });
  }
  return { options };
}

/** Combinations of the options that no variant is offered in. */
export function missingOf(product: AdminProduct): Record<string, string>[] {
  const all = product.options.reduce<Record<string, string>[]>(
    (sofar, { name, values }) => sofar.flatMap((one) => values.map((value) => ({ ...one, [name]: value }))),
    [{}],
  );
  const names = product.options.map(({ name }) => name);
  const key = (options: Record<string, string>) => JSON.stringify(names.map((name) => options[name]));
  const there = new Set(product.variants.filter(({ archived_at }) => !archived_at).map(({ options }) => key(options)));
  return names.length ? all.filter((one) => !there.has(key(one))) : [];
}
