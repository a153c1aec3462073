import type { ProductList } from "@noirel/shared/api/types";
import { originOf, pageMeta } from "../../seo/meta";

/** Words of an address that no search engine should make a page of. */
const SHOPPERS = ["min_price", "max_price", "in_stock", "badge", "after", "q"];

type HeadProps = {
  title: string;
  description: string;
  path: string;
  /** The lists it stands in, outermost first. */
  above?: { name: string; path: string }[];
  list: ProductList;
  search: string;
  matches: Parameters<typeof originOf>[0];
};

/** A list's head. One facet is a page of its own to a search engine; beyond that, it is not to be found. */
export function listMeta({ title, description, path, above = [], list, search, matches }: HeadProps) {
  const origin = originOf(matches);
  const params = new URLSearchParams(search);
  // What hangs on an address and is no filter (`utm_source`) makes no other page of it; prices and stock are for shoppers.
  const recognized = new Set([...list.facets.map(({ name }) => name), ...SHOPPERS]);
  const on = [...params].filter(([name, value]) => recognized.has(name) && value !== "");
  const [only] = on;
  const hidden = on.length > 1 || on.some(([name]) => SHOPPERS.includes(name)) || list.total === 0;
  const canonical = hidden ? null : only ? `${path}?${new URLSearchParams([only])}` : path;
  return pageMeta({
    title,
    description,
    canonical,
    origin,
    picture: list.results[0]?.images[0],
    about: [
      {
        "@type": "BreadcrumbList",
        itemListElement: [...above, { name: title, path }].map((crumb, index) => ({
          "@type": "ListItem",
          position: index + 1,
          name: crumb.name,
          item: `${origin}${crumb.path}`,
        })),
      },
      {
        "@type": "ItemList",
        numberOfItems: list.total,
        itemListElement: list.results.map(({ slug, name }, index) => ({
          "@type": "ListItem",
          position: index + 1,
          name,
          url: `${origin}/p/${slug}`,
        })),
      },
    ],
  });
}
