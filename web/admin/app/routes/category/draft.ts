import type { CategoryNode, CategoryWhole } from "../../catalogue";
import { slugToSave } from "../../ui/SlugField";

export type Draft = {
  name: string;
  slug: string;
  parent: string;
  story: string;
  seo_title: string;
  seo_description: string;
};

export const NAMES: Record<string, string> = {
  name: "Name",
  slug: "Address",
  parent: "Parent category",
  story: "Story",
  seo_title: "Title for search engines",
  seo_description: "Description for search engines",
};

export const draftOf = (category: CategoryWhole | null, parent = ""): Draft => ({
  name: category?.name ?? "",
  slug: category?.slug ?? "",
  parent: category ? (category.parent ?? "") : parent,
  story: category?.story ?? "",
  seo_title: category?.seo.title ?? "",
  seo_description: category?.seo.description ?? "",
});

export const MAX_SLUG = 120; // of categories and collections

/** What is asked of the API: the fields that changed, and both halves of the SEO if one did. saved: the slug it has now. */
export function toRequest(draft: Draft, changed: (keyof Draft)[], saved = "") {
  const invalid: Record<string, string> = {};
  if (!draft.name.trim()) invalid.name = "Enter a name.";
  const address = slugToSave(draft.slug, { saved, maxLength: MAX_SLUG, name: draft.name });
  if ("wrong" in address) invalid.slug = address.wrong;
  if (Object.keys(invalid).length) return { invalid };
  const data: Record<string, unknown> = {};
  for (const name of changed) {
    if (name === "seo_title" || name === "seo_description") {
      data.seo = { title: draft.seo_title.trim(), description: draft.seo_description.trim() };
    } else if (name === "parent") data.parent = draft.parent || null;
    else if (name === "slug") data.slug = "slug" in address ? address.slug : "";
    else data[name] = draft[name].trim();
  }
  return { data };
}

/** "seo.title", as the API calls it. */
export const fieldOf = (name: string): string => name.replace(".", "_");

export type Branch = {
  slug: string;
  name: string;
  above: string[];
  held: number;
  seen: number;
  children: number;
};

/** The tree as a list, each with what stands above it. */
export function branchesOf(tree: CategoryNode[], above: string[] = []): Branch[] {
  return tree.flatMap(({ slug, name, held, product_count, children }) => [
    { slug, name, above, held, seen: product_count, children: children.length },
    ...branchesOf(children, [...above, slug]),
  ]);
}
