import type { OldAddress } from "../../catalogue";

export type Kind = OldAddress["kind"];
export const KINDS: Record<Kind, { label: string; many: string; path: string }> = {
  product: { label: "Product", many: "Products", path: "/p/" },
  category: { label: "Category", many: "Categories", path: "/c/" },
  collection: { label: "Collection", many: "Collections", path: "/collections/" },
};

/** What is typed or pasted: an address in full, its path, or the last of it. The kind is known of the first two. */
export function addressOf(typed: string): { kind: Kind | null; slug: string } {
  let path = typed.trim();
  try {
    path = decodeURIComponent(new URL(path, "https://shop.invalid").pathname);
  } catch {
    // It is read as it stands.
  }
  for (const [kind, { path: prefix }] of Object.entries(KINDS) as [Kind, { path: string }][]) {
    if (path.startsWith(prefix)) return { kind, slug: path.slice(prefix.length).replace(/\/+$/, "") };
  }
  return { kind: null, slug: path.replace(/^\/+|\/+$/g, "") };
}
