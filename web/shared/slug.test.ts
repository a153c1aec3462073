import { describe, expect, it } from "vitest";
import { asSlug, isSlug, slugify } from "./slug";
import cases from "./slug.cases.json";

type Case = { text: string; slug: string; as_slug: string; is_slug: boolean; max_length?: number };

describe("slugs follow the API's rule", () => {
  it.each(cases as Case[])("$text", ({ text, slug, as_slug, is_slug, max_length }) => {
    expect(slugify(text, max_length)).toBe(slug);
    expect(asSlug(text, max_length)).toBe(as_slug);
    expect(isSlug(text, max_length)).toBe(is_slug);
    expect(slugify(slug, max_length)).toBe(slug);
  });
});
