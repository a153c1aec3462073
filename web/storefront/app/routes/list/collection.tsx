import { api } from "@noirel/shared/api/client";
import { unwrap } from "@noirel/shared/api/problem";
import { redirect } from "react-router";
import { redirectTarget } from "../../parts/list-query";
import { PUBLIC_PAGE } from "../../seo/meta";
import { loading } from "../../server/loading.server";
import type { Route } from "./+types/collection";
import { listMeta } from "./head";
import { List } from "./list";
import { readList, withList } from "./read";

/** The one set that nobody curates: all there is. */
const ALL = "all";
const EVERYTHING = {
  slug: ALL,
  name: "Everything",
  story: "All there is, newest first.",
  seo: { title: "Everything", description: "All there is, newest first." },
};

export const loader = loading(async ({ request, params }: Route.LoaderArgs) => {
  const [collection, list] = await (params.slug === ALL
    ? withList(EVERYTHING, readList(request))
    : withList(
        unwrap(api.get("/collections/{slug}", { path: { slug: params.slug } })),
        readList(request, { collection: params.slug }),
      ));
  if (collection.slug !== params.slug) throw redirect(redirectTarget(`/collections/${collection.slug}`, request), 301);
  return { collection, list };
});

export const headers = () => PUBLIC_PAGE;

export function meta({ loaderData, matches, location }: Route.MetaArgs) {
  if (!loaderData) return [];
  const { collection, list } = loaderData;
  return listMeta({
    title: collection.seo.title,
    description: collection.seo.description || `${collection.name}, by NOIR’EL.`,
    path: `/collections/${collection.slug}`,
    list,
    search: location.search,
    matches,
  });
}

export default function CollectionPage({ loaderData: { collection, list } }: Route.ComponentProps) {
  return <List title={collection.name} story={collection.story} list={list} />;
}
