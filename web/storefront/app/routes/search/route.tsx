import type { ProductCard } from "@noirel/shared/api/types";
import { Empty } from "@noirel/shared/ui/empty";
import { Link, useRouteLoaderData, useSearchParams } from "react-router";
import { searchedFor } from "../../parts/asked";
import { Card } from "../../parts/card";
import { Dial } from "../../parts/dial";
import type { loader as root } from "../../root";
import { originOf, PUBLIC_PAGE, pageMeta } from "../../seo/meta";
import { loading } from "../../server/loading.server";
import { List } from "../list/list";
import { readList } from "../list/read";
import type { Route } from "./+types/route";
import { SearchField } from "./combobox";

export const loader = loading(async ({ request }: Route.LoaderArgs) => {
  const q = searchedFor(request);
  return { q, list: q ? await readList(request, { q }) : null };
});

export const headers = () => PUBLIC_PAGE;

export function meta({ loaderData, matches }: Route.MetaArgs) {
  return pageMeta({
    title: loaderData?.q ? `“${loaderData.q}”` : "Search",
    description: "Search the house.",
    canonical: null,
    origin: originOf(matches),
  });
}

export default function Search({ loaderData: { q, list } }: Route.ComponentProps) {
  const hours = useRouteLoaderData<typeof root>("root")?.hours ?? [];
  const [params] = useSearchParams();
  const head = (
    <div className="grid gap-6 pb-8 desk:pt-4 desk:pb-12">
      <h1 className="sr-only">{q ? `Search: ${q}` : "Search"}</h1>
      <SearchField q={q} />
      {list?.did_you_mean && list.results.length > 0 && (
        <p className="text-lg text-ink-2">
          Nothing answers to “{q}”. This is what answers to{" "}
          <Link to={`/search?q=${encodeURIComponent(list.did_you_mean)}`} className="link text-ink">
            {list.did_you_mean}
          </Link>
          .
        </p>
      )}
    </div>
  );
  // With filters on it is these that leave nothing, and they must stay in reach.
  const filtered = [...params].some(([name, value]) => !["q", "sort", "page", "after"].includes(name) && value !== "");
  if (list && (list.results.length > 0 || filtered)) return <List title="" story="" head={head} list={list} />;
  return (
    <div className="wrap grid gap-10 pt-6 desk:pt-12">
      {head}
      {list ? (
        <Nothing q={q} meant={list.did_you_mean} nearest={list.nearest} />
      ) : (
        <Dial hours={hours} to={({ slug }) => `/p/${slug}`} />
      )}
    </div>
  );
}

/** Nothing was found: a likelier word, what comes nearest, a way on. */
function Nothing({ q, meant, nearest }: { q: string; meant: string | null; nearest: ProductCard[] }) {
  return (
    <>
      <Empty title={`Nothing answers to “${q}”.`} as="h2">
        {meant ? (
          <p className="text-ink-2">
            Did you mean{" "}
            <Link to={`/search?q=${encodeURIComponent(meant)}`} className="link text-ink">
              {meant}
            </Link>
            ?
          </p>
        ) : (
          <p className="text-ink-2">Try a note, a family or an hour: iris, woody, 21:12.</p>
        )}
        <Link to="/perfumes" className="link">
          See every perfume
        </Link>
      </Empty>
      {nearest.length > 0 && (
        <section aria-labelledby="nearest" className="border-t border-line pt-6">
          <h2 id="nearest" className="display pb-6 text-2xl">
            What comes nearest
          </h2>
          <ul className="cards desk:grid-cols-4 desk:gap-y-[calc(var(--spacing-gap)*1.9)]">
            {nearest.map((product, index) => (
              <li key={product.slug}>
                <Card product={product} first={index === 0} sizes="(min-width: 820px) 23vw, 45vw" />
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}
