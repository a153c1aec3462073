import { Empty } from "@noirel/shared/ui/empty";
import { Link, useRouteLoaderData } from "react-router";
import { Card } from "../../parts/card";
import { Dial } from "../../parts/dial";
import type { loader as root } from "../../root";
import { originOf, PUBLIC_PAGE, pageMeta } from "../../seo/meta";
import { counted } from "../list/list";
import { readList } from "../list/read";
import type { Route } from "./+types/route";
import { SearchField } from "./combobox";

export async function loader({ request }: Route.LoaderArgs) {
  const q = new URL(request.url).searchParams.get("q")?.trim() ?? "";
  return { q, list: q ? await readList(request) : null };
}

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
  return (
    <div className="wrap grid gap-10 pt-8 desk:pt-16">
      <h1 className="sr-only">{q ? `Search: ${q}` : "Search"}</h1>
      <SearchField q={q} />
      {!list && <Dial hours={hours} to={({ slug }) => `/p/${slug}`} />}
      {list &&
        (list.results.length === 0 ? (
          <Empty title={`Nothing answers to “${q}”.`} as="h2">
            <p className="text-ink-2">Try a note, a family or an hour: iris, woody, 21:12.</p>
            <Link to="/perfumes" className="link">
              See every perfume
            </Link>
          </Empty>
        ) : (
          <section aria-label="Results">
            <p className="numerals mb-6 border-t border-line pt-3 text-[0.9375rem]" role="status">
              {counted(list.total, list.results)}
            </p>
            <ul className="grid grid-cols-2 gap-x-gap gap-y-7 desk:grid-cols-4 desk:gap-y-[calc(var(--spacing-gap)*1.9)]">
              {list.results.map((product, index) => (
                <li key={product.slug}>
                  <Card product={product} heading="h2" first={index === 0} sizes="(min-width: 820px) 23vw, 45vw" />
                </li>
              ))}
            </ul>
            {list.next && (
              <p className="mt-12 text-center">
                <Link
                  to={`?q=${encodeURIComponent(q)}&page=${list.page + 1}`}
                  replace
                  preventScrollReset
                  className="link"
                >
                  Load more
                </Link>
              </p>
            )}
          </section>
        ))}
    </div>
  );
}
