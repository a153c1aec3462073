import { api } from "@noirel/shared/api/client";
import { unwrap } from "@noirel/shared/api/problem";
import type { Category } from "@noirel/shared/api/types";
import { data } from "react-router";
import { PUBLIC_PAGE } from "../../seo/meta";
import type { Route } from "./+types/category";
import { listMeta } from "./head";
import { List } from "./list";
import { readList } from "./read";

function find(categories: Category[], slug: string): Category | undefined {
  for (const category of categories) {
    const found = category.slug === slug ? category : find(category.children, slug);
    if (found) return found;
  }
  return undefined;
}

export async function loader({ request, params }: Route.LoaderArgs) {
  const [{ results }, list] = await Promise.all([
    unwrap(api.get("/categories", { query: { limit: 100 } })),
    readList(request, { category: params.category }),
  ]);
  const category = find(results, params.category);
  if (!category) throw data(null, { status: 404 });
  return { category, list };
}

export const headers = () => PUBLIC_PAGE;

export function meta({ loaderData, matches, location }: Route.MetaArgs) {
  if (!loaderData) return [];
  const { category, list } = loaderData;
  return listMeta({
    title: category.name,
    description: category.story || `${category.name}, by NOIR’EL.`,
    path: `/c/${category.slug}`,
    list,
    search: location.search,
    matches,
  });
}

export default function CategoryPage({ loaderData: { category, list } }: Route.ComponentProps) {
  return <List title={category.name} story={category.story} list={list} fixed="category" />;
}
