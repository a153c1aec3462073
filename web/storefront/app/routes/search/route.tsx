import type { ProductCard } from "@noirel/shared/api/types";
import { Empty } from "@noirel/shared/ui/empty";
import { Link, useRouteLoaderData, useSearchParams } from "react-router";
import { Card } from "../../parts/card";
import { Dial } from "../../parts/dial";
import { searchTerm } from "../../parts/list-query";
import type { loader as root } from "../../root";
import { originOf, PUBLIC_PAGE, pageMeta } from "../../seo/meta";
import { loading } from "../../server/loading.server";
import { List } from "../list/list";
import { readList } from "../list/read";
import type { Route } from "./+types/route";
import { SearchField } from "./combobox";
import { type HelpTopic, helpFor } from "./help";

export const loader = loading(async ({ request }: Route.LoaderArgs) => {
  const q = searchTerm(request);
  return { q, help: helpFor(q), list: q ? await readList(request, { q }) : null };
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

export default function Search({ loaderData: { q, help, list: found } }: Route.ComponentProps) {
  const hours = useRouteLoaderData<typeof root>("root")?.hours ?? [];
  const [params] = useSearchParams();
  // Products that have only a likelier word don't stand before pages that have this one.
  const guessed = found?.did_you_mean && help.length > 0;
  const list = guessed ? { ...found, results: [], nearest: [] } : found;
  const head = (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-6 pb-8 desk:pt-4 desk:pb-12">
      <h1 className="sr-only">{q ? `Search: ${q}` : "Search"}</h1>
      <SearchField q={q} />
      <HelpLinks topics={help} />
      {list && list.ignored.length > 0 && list.results.length > 0 && (
        <p className="text-lg text-ink-2">
          We have nothing for {quoted(list.ignored)}. These answer to the rest of your search.
        </p>
      )}
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
    <div className="wrap grid grid-cols-[minmax(0,1fr)] gap-10 pt-6 desk:pt-12">
      {head}
      {list ? (
        <Nothing q={q} meant={list.did_you_mean} nearest={list.nearest} answered={help.length > 0} />
      ) : (
        <Dial hours={hours} to={({ slug }) => `/p/${slug}`} />
      )}
    </div>
  );
}

/** “men” and “gift” */
function quoted(words: string[]): string {
  return new Intl.ListFormat("en-GB", { type: "disjunction" }).format(words.map((word) => `“${word}”`));
}

/** The pages of help that the words may mean: a group of their own, before the products. */
function HelpLinks({ topics }: { topics: HelpTopic[] }) {
  if (topics.length === 0) return null;
  return (
    <section aria-labelledby="help-found" className="border-b border-line pb-6">
      <h2 id="help-found" className="text-sm text-ink-3">
        Help
      </h2>
      <ul className="mt-3 grid gap-x-gap gap-y-4 desk:grid-cols-3">
        {topics.map(({ to, title, text }) => (
          <li key={to}>
            <Link to={to} className="group inline-flex min-h-11 flex-col justify-center">
              <span>
                <span className="link">{title}</span>
              </span>
              <span className="text-sm text-ink-2">{text}</span>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}

type NothingProps = {
  q: string;
  meant: string | null;
  nearest: ProductCard[];
  /** Pages of help answer the search: what the shop sells is not the point. */
  answered: boolean;
};

/** No product was found: a likelier word, what comes nearest, a way on. */
function Nothing({ q, meant, nearest, answered }: NothingProps) {
  if (answered) {
    return (
      <p className="text-ink-2">
        No perfume answers to “{q}”.{" "}
        {meant && (
          <>
            Did you mean{" "}
            <Link to={`/search?q=${encodeURIComponent(meant)}`} className="link text-ink">
              {meant}
            </Link>
            ?{" "}
          </>
        )}
        <Link to="/perfumes" className="link text-ink">
          See every perfume
        </Link>
      </p>
    );
  }
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
