import type { OldAddress } from "../../catalogue";

export type Kind = OldAddress["kind"];
export const KINDS: Record<Kind, { label: string; many: string; path: string }> = {
  product: { label: "Product", many: "Products", path: "/p/" },
  category: { label: "Category", many: "Categories", path: "/c/" },
  collection: { label: "Collection", many: "Collections", path: "/collections/" },
};

const FOREIGN = "This address is on another website.";
const NO_KIND = "Only addresses of products, categories and collections can redirect.";

/**
 * The slug of what was typed or pasted: a full address of this shop, its path, or the slug alone. `kind` is known of the first two.
 * `wrong` says why the address can't redirect. `host` is this shop's.
 */
export function addressOf(typed: string, host = location.host): { kind: Kind | null; slug: string; wrong?: string } {
  const text = typed.trim();
  let path = text;
  if (/^([a-z][a-z\d+.-]*:|\/\/)/i.test(text)) {
    const url = URL.canParse(text, `https://${host}`) ? new URL(text, `https://${host}`) : null;
    if (url?.host !== host) return { kind: null, slug: "", wrong: FOREIGN };
    path = url.pathname;
  } else {
    path = text.replace(/[?#].*$/, "");
  }
  try {
    path = decodeURIComponent(path);
  } catch {
    // A stray "%": it is taken literally.
  }
  for (const [kind, { path: prefix }] of Object.entries(KINDS) as [Kind, { path: string }][]) {
    if (`/${path.replace(/^\/+/, "")}`.startsWith(prefix)) {
      const slug = path
        .replace(/^\/+/, "")
        .slice(prefix.length - 1)
        .replace(/\/+$/, "");
      return slug.includes("/") ? { kind: null, slug: "", wrong: NO_KIND } : { kind, slug };
    }
  }
  return path.includes("/") ? { kind: null, slug: "", wrong: NO_KIND } : { kind: null, slug: path };
}
