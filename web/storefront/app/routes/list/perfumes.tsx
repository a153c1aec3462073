import { api } from "@noirel/shared/api/client";
import { isProblem, unwrap } from "@noirel/shared/api/problem";
import { Dial, hoursOf } from "../../parts/dial";
import { PUBLIC_PAGE } from "../../seo/meta";
import { loading } from "../../server/loading.server";
import type { Route } from "./+types/perfumes";
import { listMeta } from "./head";
import { List } from "./list";
import { readList } from "./read";

const STORY = "Eight perfumes, one for each hour between dusk and first light.";

export const loader = loading(async ({ request }: Route.LoaderArgs) => {
  // Perfumes, where the shop sells other things too; everything, where it doesn't sort them so.
  const [{ results }, list] = await Promise.all([
    unwrap(api.get("/categories", { query: { limit: 100 } })),
    readList(request, { category: "perfumes" }).catch((error) => {
      if (isProblem(error) && error.status < 500) return null;
      throw error;
    }),
  ]);
  const isPublished = results.some(({ slug, product_count }) => slug === "perfumes" && product_count > 0);
  return { list: isPublished && list ? list : await readList(request) };
});

export const headers = () => PUBLIC_PAGE;

export function meta({ loaderData, matches, location }: Route.MetaArgs) {
  return loaderData
    ? listMeta({
        title: "Perfumes",
        description: STORY,
        path: "/perfumes",
        list: loaderData.list,
        search: location.search,
        matches,
      })
    : [];
}

export default function Perfumes({ loaderData: { list } }: Route.ComponentProps) {
  const hours = hoursOf(list.results);
  return (
    <List title="Perfumes" story={STORY} list={list} fixed="category">
      {hours.length > 4 && <Dial hours={hours} to={({ slug }) => `/p/${slug}`} className="pb-6" />}
    </List>
  );
}
