import type { ProductList } from "@noirel/shared/api/types";
import { originOf, pageMeta } from "../../seo/meta";

type HeadProps = {
  title: string;
  description: string;
  path: string;
  list: ProductList;
  search: string;
  matches: Parameters<typeof originOf>[0];
};

/** A list's head. One facet is a page of its own to a search engine; beyond that, it is not to be found. */
export function listMeta({ title, description, path, list, search, matches }: HeadProps) {
  const origin = originOf(matches);
  const facets = [...new URLSearchParams(search)].filter(([name]) => !["page", "sort"].includes(name));
  const canonical = facets.length > 1 ? null : facets.length === 1 ? `${path}?${new URLSearchParams(facets)}` : path;
  return pageMeta({
    title,
    description,
    canonical,
    origin,
    picture: list.results[0]?.images[0],
    about: [
      {
        "@type": "BreadcrumbList",
        itemListElement: [{ "@type": "ListItem", position: 1, name: title, item: `${origin}${path}` }],
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
