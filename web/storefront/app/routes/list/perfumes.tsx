import { Dial, hoursOf } from "../../parts/dial";
import { PUBLIC_PAGE } from "../../seo/meta";
import type { Route } from "./+types/perfumes";
import { listMeta } from "./head";
import { List } from "./list";
import { readList } from "./read";

const STORY = "Eight perfumes, dusk to first light, and what belongs to them.";

export async function loader({ request }: Route.LoaderArgs) {
  return { list: await readList(request) };
}

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
    <List title="Perfumes" story={STORY} list={list}>
      {hours.length > 4 && <Dial hours={hours} to={({ slug }) => `/p/${slug}`} className="pb-6" />}
    </List>
  );
}
