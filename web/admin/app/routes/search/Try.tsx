import { Link } from "react-router";
import { type Boost, type Hit, type SearchPreview, search } from "../../catalogue";
import { Button } from "../../ui/Button";
import { Empty, Panel } from "../../ui/Panel";
import { SearchField } from "../../ui/SearchField";
import { cell, head, nameCell } from "../../ui/table";
import type { RunAction } from "./action";
import { boostOf, folded, MOST, signed, WHY } from "./words";

/** What shoppers find by some words, and why each product stands where it stands. */
export function Try({
  q,
  found,
  boosts,
  editable,
  does,
}: {
  q: string;
  found: SearchPreview | null;
  boosts: Boost[];
  editable: boolean;
  does: RunAction;
}) {
  async function move(hit: Hit, by: 1 | -1) {
    const boost = boostOf(boosts, hit.slug, q);
    const before = boost?.weight ?? 0;
    const weight = Math.max(-MOST, Math.min(MOST, before + by));
    if (weight === before) return;
    const done = `${hit.name}: ${signed(weight)} in searches for “${q}”.`;
    if (!boost) {
      let made: Boost | undefined;
      await does(
        async () => {
          made = await search.addBoost({ product: hit.slug, query: q, weight });
        },
        done,
        async () => made && search.removeBoost(made.id),
      );
    } else if (weight === 0) {
      await does(
        () => search.removeBoost(boost.id),
        done,
        () => search.addBoost({ product: hit.slug, query: q, weight: before }),
      );
    } else {
      await does(
        () => search.changeBoost(boost.id, weight),
        done,
        () => search.changeBoost(boost.id, before),
      );
    }
  }
  return (
    <Panel title="What shoppers find">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2 border-t border-line px-4 py-3">
        <SearchField label="Search as a shopper" />
        <p aria-live="polite" className="text-ink-2">
          {found ? summary(found, q) : "The order is the shop’s: the best match first, then what sells."}
        </p>
      </div>
      {found?.hits.length ? (
        <div className="overflow-x-auto">
          <table className="w-full border-collapse">
            <thead>
              <tr>
                <th scope="col" className={`${head} text-end!`}>
                  <span className="sr-only">Place</span>
                </th>
                <th scope="col" className={head}>
                  Product
                </th>
                <th scope="col" className={`${head} max-desk:hidden`}>
                  Matched in
                </th>
                <th scope="col" className={`${head} text-end! max-desk:hidden`} title="0 to 1, by units sold">
                  Sells
                </th>
                <th scope="col" className={`${head} text-end!`}>
                  Promoted by
                </th>
              </tr>
            </thead>
            <tbody>
              {found.hits.map((hit, at) => (
                <tr key={hit.slug} className="hover:bg-sunk">
                  <td className={`${cell} text-end text-ink-3`}>{at + 1}</td>
                  <th scope="row" className={`${nameCell} w-1/2`}>
                    <Link
                      to={`/products/${hit.slug}`}
                      className="inline-flex min-h-7 items-center font-medium underline-offset-4 hover:underline"
                    >
                      {hit.name}
                    </Link>
                    <span className="block text-xs text-ink-2 desk:hidden">{WHY[hit.why]}</span>
                  </th>
                  <td className={`${cell} text-ink-2 max-desk:hidden`}>{WHY[hit.why]}</td>
                  <td className={`${cell} text-end text-ink-2 max-desk:hidden`}>{hit.popularity.toFixed(2)}</td>
                  <td className={`${cell} text-end`}>
                    <span className="inline-flex items-center gap-1">
                      {editable && folded(q) ? (
                        <Button
                          className="w-8.5 px-0! max-desk:w-11"
                          aria-label={`Demote ${hit.name} by one`}
                          onClick={() => void move(hit, -1)}
                        >
                          −
                        </Button>
                      ) : null}
                      <span className="w-9 text-center">{signed(hit.boost)}</span>
                      {editable && folded(q) ? (
                        <Button
                          className="w-8.5 px-0! max-desk:w-11"
                          aria-label={`Promote ${hit.name} by one`}
                          onClick={() => void move(hit, 1)}
                        >
                          +
                        </Button>
                      ) : null}
                    </span>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : found ? (
        <Empty>No visible product matches.</Empty>
      ) : (
        <Empty>Search as a shopper would.</Empty>
      )}
    </Panel>
  );
}

function summary({ total, did_you_mean, hits }: SearchPreview, q: string): string {
  const counted = total === 1 ? "1 product" : `${total} products`;
  const first = total > hits.length ? `, the first ${hits.length} of them here` : "";
  return did_you_mean
    ? `Nothing has “${q}”: showing results for “${did_you_mean}”. ${counted}${first}.`
    : `${counted}${first}.`;
}
