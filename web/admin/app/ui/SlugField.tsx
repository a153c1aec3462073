import { asSlug, slugify } from "@noirel/shared/slug";
import type { ChangeEvent } from "react";
import { TextField } from "./Field";

type Props = {
  /** the path before the slug: "/p/" */
  path: string;
  value: string;
  /** what an empty slug is derived from; without it the slug can't be left empty */
  name?: string;
  /** the saved slug; empty for something new */
  saved: string;
  maxLength: number;
  error?: string | undefined;
  onChange: (value: string) => void;
};

/** The address of something, with a live preview: by the API's own rule, so that what is shown is what is saved. */
export function SlugField({ path, value, name = "", saved, maxLength, error, onChange }: Props) {
  const slug = value.trim() ? asSlug(value, maxLength) : slugify(name, maxLength);
  return (
    <TextField
      label="Address"
      name="slug"
      value={value}
      maxLength={maxLength}
      autoComplete="off"
      autoCapitalize="none"
      spellCheck={false}
      error={error}
      onChange={({ target }: ChangeEvent<HTMLInputElement>) => onChange(target.value)}
      onBlur={() => value.trim() && slug && slug !== value && value !== saved && onChange(slug)}
      hint={
        <span aria-live="polite" className="break-words">
          {hintOf(path, slug, saved, value)}
        </span>
      }
    />
  );
}

function hintOf(path: string, slug: string, saved: string, value: string): string {
  if (saved && (value === saved || slug === saved)) return `${path}${saved}`;
  if (!slug) return value.trim() || saved ? "Use letters and digits of any script." : "Derived from the name.";
  if (saved) return `New address: ${path}${slug}. ${path}${saved} will redirect to it.`;
  return `${path}${slug}`;
}

/** The slug to save, or what is wrong with the one typed. An unchanged slug is kept as it is. */
export function slugToSave(
  value: string,
  { saved, maxLength, name }: { saved: string; maxLength: number; name?: string },
): { slug: string } | { wrong: string } {
  if (saved && value === saved) return { slug: saved };
  if (!value.trim() && name?.trim() === "") return { slug: "" }; // the missing name is the error to show
  const slug = value.trim() ? asSlug(value, maxLength) : slugify(name ?? "", maxLength);
  return slug ? { slug } : { wrong: "Use at least one letter or digit, of any script." };
}
