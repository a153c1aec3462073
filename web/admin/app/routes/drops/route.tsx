import { Link, type LoaderFunctionArgs, useLoaderData, useSearchParams } from "react-router";
import { drops, type Page } from "../../api";
import { hasPermission } from "../../session/session";
import type { AdminDrop } from "../../types";
import { ButtonLink } from "../../ui/Button";
import { ListNotice, readPage } from "../../ui/listing";
import { MorePages } from "../../ui/MorePages";
import { Empty, PageTitle, Panel } from "../../ui/Panel";
import { Status } from "../../ui/Status";
import { cell, head, nameCell } from "../../ui/table";
import { when } from "../../ui/time";
import { useTitle } from "../../ui/useTitle";
import { ViewTabs } from "../../ui/ViewTabs";
import { modeWords, statusLabel } from "./words";

const views = [
  ["", "All"],
  ["draft", "Drafts"],
  ["announced", "Announced"],
  ["closed", "Closed"],
  ["drawn", "Drawn"],
  ["ended", "Ended"],
] as const;

export async function loader({ request }: LoaderFunctionArgs): Promise<Page<AdminDrop>> {
  const params = new URL(request.url).searchParams;
  const asked = (name: string) => params.get(name) || undefined;
  return readPage({ limit: "50", status: asked("status"), cursor: asked("cursor") }, (query) =>
    drops.list(query, request.signal),
  );
}

export function Component() {
  const page = useLoaderData<Page<AdminDrop>>();
  const [params] = useSearchParams();
  useTitle("Drops");
  const status = params.get("status") ?? "";
  const begin = hasPermission("drops.edit") ? <ButtonLink to="/drops/new">New drop</ButtonLink> : null;
  return (
    <>
      <PageTitle aside={begin}>Drops</PageTitle>
      <Panel>
        <div className="px-3 py-2.5">
          <ViewTabs
            views={views.map(([key, label]) => ({
              to: key ? `/drops?status=${key}` : "/drops",
              label,
              current: key === status,
            }))}
          />
        </div>
        <ListNotice list={page} />
        {page.results.length ? (
          <div className="overflow-x-auto">
            <table className="w-full border-collapse">
              <thead>
                <tr>
                  {["Drop", "Status", "Sold"].map((name) => (
                    <th key={name} scope="col" className={head}>
                      {name}
                    </th>
                  ))}
                  {["Opens", "Closes", "Each", "Units taken"].map((name) => (
                    <th key={name} scope="col" className={`${head} text-end!`}>
                      {name}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {page.results.map((drop) => {
                  const [word, tone] = statusLabel(drop);
                  return (
                    <tr key={drop.slug} className="relative hover:bg-sunk">
                      <th scope="row" className={`${nameCell} w-1/3`}>
                        <Link to={`/drops/${drop.slug}`} className="font-medium after:absolute after:inset-0">
                          {drop.name}
                        </Link>
                        <span className="block max-w-72 truncate font-mono text-xs text-ink-3">
                          {drop.variants.join(", ")}
                        </span>
                      </th>
                      <td className={cell}>
                        <Status tone={tone}>{word}</Status>
                      </td>
                      <td className={cell}>{modeWords[drop.mode]}</td>
                      <td className={`${cell} text-end`}>{when(drop.opens_at)}</td>
                      <td className={`${cell} text-end`}>{drop.closes_at ? when(drop.closes_at) : ""}</td>
                      <td className={`${cell} text-end`}>{drop.per_person}</td>
                      <td className={`${cell} text-end`}>
                        {drop.counts.units_taken}
                        {drop.units === null ? "" : ` of ${drop.units}`}
                      </td>
                    </tr>
                  );
                })}
              </tbody>
            </table>
          </div>
        ) : (
          <Empty action={begin}>{status ? "None of these." : "No launch yet."}</Empty>
        )}
        <MorePages
          next={page.next}
          total={page.total}
          shown={page.results.length}
          noun={page.total === 1 ? "drop" : "drops"}
        />
      </Panel>
    </>
  );
}
