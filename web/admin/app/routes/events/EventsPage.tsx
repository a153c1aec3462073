import type { ReactNode } from "react";
import { Link, useSearchParams } from "react-router";
import type { Page } from "../../api";
import { ListNotice } from "../../ui/listing";
import { MorePages } from "../../ui/MorePages";
import { PageTitle, Panel } from "../../ui/Panel";
import { SearchField } from "../../ui/SearchField";
import { head } from "../../ui/table";
import { useTitle } from "../../ui/useTitle";
import { ViewTabs } from "../../ui/ViewTabs";

const halves = [
  { to: "/events", label: "From the gateway" },
  { to: "/events/ours", label: "Ours" },
];

/** One of the two lists of events: its half, its states as tabs, a search, a table. */
export function EventsPage<Row>({
  path,
  search,
  page,
  states,
  columns,
  empty,
  children,
}: {
  path: string;
  search: string;
  page: Page<Row>;
  states: Record<string, { label: string }>;
  /** wide: not on a phone. */
  columns: { name: string; wide?: boolean }[];
  empty: string;
  children: (row: Row) => ReactNode;
}) {
  const [params] = useSearchParams();
  useTitle("Events");
  const href = (changes: Record<string, string | null>) => {
    const next = new URLSearchParams(params);
    next.delete("cursor");
    for (const [name, value] of Object.entries(changes)) {
      if (value) next.set(name, value);
      else next.delete(name);
    }
    return `${path}?${next}`;
  };
  const state = params.get("state");
  return (
    <>
      <PageTitle
        aside={
          <nav aria-label="Events" className="flex gap-1 rounded-admin bg-sunk p-1">
            {halves.map(({ to, label }) => (
              <Link
                key={to}
                to={to}
                aria-current={to === path ? "page" : undefined}
                className="flex h-7 items-center rounded-admin px-3 text-ink-2 aria-[current]:bg-raised aria-[current]:font-medium aria-[current]:text-ink aria-[current]:outline aria-[current]:outline-line max-desk:h-11"
              >
                {label}
              </Link>
            ))}
          </nav>
        }
      >
        Events
      </PageTitle>
      <Panel>
        <div className="flex flex-wrap items-center gap-3 px-3 py-2.5">
          <ViewTabs
            views={[
              { to: href({ state: null }), label: "All", current: !state },
              ...Object.entries(states).map(([value, { label }]) => ({
                to: href({ state: value }),
                label,
                current: state === value,
              })),
            ]}
          />
          <div className="flex flex-1 justify-end">
            <SearchField label={search} />
          </div>
        </div>
        <ListNotice list={page} />
        <div className="overflow-x-auto">
          <table className="w-full border-collapse">
            <thead>
              <tr>
                {columns.map(({ name, wide }) => (
                  <th key={name} scope="col" className={`${head} ${wide ? "max-desk:hidden" : ""}`}>
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>{page.results.map(children)}</tbody>
          </table>
        </div>
        {page.results.length ? null : <p className="border-t border-line px-4 py-6 text-ink-2">{empty}</p>}
        <MorePages
          next={page.next}
          total={page.total}
          shown={page.results.length}
          noun={page.total === 1 ? "event" : "events"}
        />
      </Panel>
    </>
  );
}

/** What a list of events is asked for, from its URL. */
export function asked(request: Request) {
  const params = new URL(request.url).searchParams;
  const one = (name: string) => params.get(name) || undefined;
  return { limit: "50", state: one("state"), q: one("q"), cursor: one("cursor") };
}
