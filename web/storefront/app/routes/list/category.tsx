import { api } from "@noirel/shared/api/client";
import { unwrap } from "@noirel/shared/api/problem";
import { Link, redirect } from "react-router";
import { redirectTarget } from "../../parts/list-query";
import { PUBLIC_PAGE } from "../../seo/meta";
import { loading } from "../../server/loading.server";
import type { Route } from "./+types/category";
import { listMeta } from "./head";
import { List } from "./list";
import { readList, withList } from "./read";

export const loader = loading(async ({ request, params }: Route.LoaderArgs) => {
  const [category, list] = await withList(
    unwrap(api.get("/categories/{slug}", { path: { slug: params.category } })),
    readList(request, { category: params.category }),
  );
  if (category.slug !== params.category) throw redirect(redirectTarget(`/c/${category.slug}`, request), 301);
  return { category, list };
});

export const headers = () => PUBLIC_PAGE;

export function meta({ loaderData, matches, location }: Route.MetaArgs) {
  if (!loaderData) return [];
  const { category, list } = loaderData;
  return listMeta({
    title: category.seo.title,
    description: category.seo.description || `${category.name}, by NOIR’EL.`,
    path: `/c/${category.slug}`,
    above: category.breadcrumbs.slice(0, -1).map(({ slug, name }) => ({ name, path: `/c/${slug}` })),
    list,
    search: location.search,
    matches,
  });
}

export default function CategoryPage({ loaderData: { category, list } }: Route.ComponentProps) {
  const children = category.children.filter(({ product_count }) => product_count > 0);
  const above = category.breadcrumbs.slice(0, -1);
  return (
    <>
      {above.length > 0 && (
        <nav aria-label="Breadcrumb" className="wrap pt-4 text-ink-2">
          <ol className="flex flex-wrap gap-x-2">
            {above.map(({ slug, name }) => (
              <li key={slug} className="after:ps-2 after:content-['/']">
                <Link to={`/c/${slug}`} className="inline-flex min-h-6 items-center underline-offset-4 hover:underline">
                  {name}
                </Link>
              </li>
            ))}
            <li aria-current="page">{category.name}</li>
          </ol>
        </nav>
      )}
      <List title={category.name} story={category.story} list={list} fixed="category">
        {children.length > 0 && (
          <nav aria-label={`In ${category.name}`} className="pb-8">
            <ul className="flex flex-wrap gap-x-7 gap-y-1">
              {children.map(({ slug, name, product_count }) => (
                <li key={slug} className="max-w-full">
                  <Link to={`/c/${slug}`} className="inline-flex min-h-11 max-w-full items-baseline gap-2">
                    <span className="display link min-w-0 break-words text-xl">{name}</span>
                    <span className="numerals text-sm text-ink-3">{product_count.toLocaleString("en-IN")}</span>
                  </Link>
                </li>
              ))}
            </ul>
          </nav>
        )}
      </List>
    </>
  );
}
