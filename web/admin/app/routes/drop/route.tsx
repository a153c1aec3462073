import { Link, type LoaderFunctionArgs, useLoaderData } from "react-router";
import { drops, type Page, type Tagged } from "../../api";
import { hasPermission } from "../../session/session";
import type { AdminDrop, AdminDropEntry } from "../../types";
import { ListNotice, readPage } from "../../ui/listing";
import { PageTitle, Panel } from "../../ui/Panel";
import { Remove } from "../../ui/Remove";
import { ScrollX } from "../../ui/ScrollX";
import { Status } from "../../ui/Status";
import { cell, head, nameCell } from "../../ui/table";
import { when } from "../../ui/time";
import { useTitle } from "../../ui/useTitle";
import { entryWords, modeWords, statusLabel } from "../drops/words";
import { Acts } from "./Acts";
import { Rules } from "./Rules";

type Loaded = { drop: Tagged<AdminDrop> | null; entries: Page<AdminDropEntry> | null };

export async function loader({ params, request }: LoaderFunctionArgs): Promise<Loaded> {
  const slug = params.slug ?? "";
  if (slug === "new") return { drop: null, entries: null };
  const drop = await drops.get(slug, request.signal);
  const cursor = new URL(request.url).searchParams.get("cursor") ?? undefined;
  const entries =
    drop.value.mode === "lottery" && drop.value.status !== "draft"
      ? await readPage({ limit: "50", cursor }, (query) => drops.entries(slug, query, request.signal))
      : null;
  return { drop, entries };
}

export function Component() {
  const { drop, entries } = useLoaderData<Loaded>();
  useTitle(drop?.value.name ?? "New drop");
  if (!drop) {
    return (
      <>
        <Back />
        <PageTitle>New drop</PageTitle>
        <Rules loaded={null} />
      </>
    );
  }
  const { value, etag } = drop;
  const [word, tone] = statusLabel(value);
  const editable = hasPermission("drops.edit");
  return (
    <>
      <Back />
      <PageTitle
        aside={
          editable ? (
            <>
              {value.status === "draft" ? (
                <Remove name={value.name} act={() => drops.remove(value.slug, etag)} back="/drops">
                  <p>Nobody has seen it yet: nothing but this draft is deleted.</p>
                </Remove>
              ) : null}
              <Acts key={etag} drop={value} etag={etag} />
            </>
          ) : null
        }
      >
        {value.name}
      </PageTitle>
      <p className="flex flex-wrap items-center gap-x-4 gap-y-1 pb-4 text-ink-2">
        <Status tone={tone}>{word}</Status>
        {modeWords[value.mode]}
        {value.status === "draft" ? null : (
          <a href={`/drops/${value.slug}`} className="underline underline-offset-4">
            See it in the shop
          </a>
        )}
      </p>
      {value.acts.includes("edit") && editable ? (
        <Rules key={etag} loaded={drop} />
      ) : (
        <div className="grid gap-4">
          <Facts drop={value} />
          {value.lottery ? <Lottery lottery={value.lottery} slug={value.slug} counts={value.counts} /> : null}
          {entries ? <Entries page={entries} /> : null}
        </div>
      )}
    </>
  );
}

function Back() {
  return (
    <nav aria-label="Breadcrumb" className="pt-1 text-ink-3">
      <Link to="/drops" className="inline-flex min-h-6 items-center underline-offset-4 hover:underline">
        Drops
      </Link>
    </nav>
  );
}

function Facts({ drop }: { drop: AdminDrop }) {
  const rows: [string, string][] = [
    ["SKUs", drop.variants.join(", ")],
    [drop.mode === "lottery" ? "Entries open" : "Opens", when(drop.opens_at)],
    [drop.mode === "lottery" ? "Entries close" : "Closes", drop.closes_at ? when(drop.closes_at) : "When you close it"],
    ...(drop.postponed
      ? ([
          ["Postponed", when(drop.postponed.at)],
          [
            "First announced for",
            [drop.postponed.announced_opens_at, drop.postponed.announced_closes_at]
              .flatMap((at) => (at ? [when(at)] : []))
              .join(" to "),
          ],
          ...(drop.postponed.reason ? [["Reason", drop.postponed.reason]] : []),
        ] as [string, string][])
      : []),
    ["For each person", String(drop.per_person)],
    ["For each address", String(drop.per_address)],
    ["Minutes to pay", String(drop.hold_seconds / 60)],
    ["Units taken", `${drop.counts.units_taken}${drop.units === null ? "" : ` of ${drop.units}`}`],
  ];
  return (
    <Panel title="Rules" aside={drop.announced_at ? `Announced ${when(drop.announced_at)}` : ""}>
      <Pairs rows={rows} />
    </Panel>
  );
}

function Lottery({
  lottery,
  slug,
  counts,
}: {
  lottery: NonNullable<AdminDrop["lottery"]>;
  slug: string;
  counts: AdminDrop["counts"];
}) {
  const rows: [string, string][] = [
    ["Winners at a time", String(lottery.winners)],
    ["Committed to", lottery.commitment],
    ["Beacon", lottery.beacon ? `${lottery.beacon_source}: ${lottery.beacon}` : lottery.beacon_source || "None"],
    ["Entries", lottery.entry_count === null ? "Open" : `${lottery.entry_count}, ${lottery.entries_hash}`],
    ["Drawn", lottery.drawn_at ? when(lottery.drawn_at) : "Not yet"],
    ...(Object.entries(entryWords) as [string, [string, string]][]).flatMap(([state, [word]]): [string, string][] =>
      counts[state] ? [[word, String(counts[state])]] : [],
    ),
  ];
  return (
    <Panel
      title="The draw"
      aside={
        <a href={`/api/v1/drops/${slug}/draw`} className="underline underline-offset-4">
          Public record
        </a>
      }
    >
      <Pairs rows={rows} />
    </Panel>
  );
}

function Pairs({ rows }: { rows: [string, string][] }) {
  return (
    <dl className="border-t border-line py-1.5">
      {rows.map(([term, value]) => (
        <div key={term} className="flex gap-6 px-4 py-1.5">
          <dt className="w-36 flex-none text-ink-3">{term}</dt>
          <dd className="min-w-0 break-all">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Entries({ page }: { page: Page<AdminDropEntry> }) {
  return (
    <Panel title="Entries" aside={String(page.total)}>
      <ListNotice list={page} />
      <ScrollX label="Entries, a table">
        <table className="w-full border-collapse">
          <thead>
            <tr>
              <th scope="col" className={`${head} text-end!`}>
                Place
              </th>
              {["E-mail", "State", "Until", "Order"].map((name) => (
                <th key={name} scope="col" className={head}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {page.results.map((entry) => {
              const [word, tone] = entryWords[entry.state];
              return (
                <tr key={entry.id} className="hover:bg-sunk">
                  <td className={`${cell} text-end`}>{entry.place}</td>
                  <th scope="row" className={`${nameCell} w-1/2`}>
                    {entry.email || "Erased"}
                  </th>
                  <td className={cell}>
                    <Status tone={tone}>{word}</Status>
                  </td>
                  <td className={cell}>{entry.claim_by ? when(entry.claim_by) : ""}</td>
                  <td className={cell}>
                    {entry.order && !hasPermission("orders.view") ? (
                      entry.order
                    ) : entry.order ? (
                      <Link to={`/orders/${entry.order}`} className="font-mono underline underline-offset-4">
                        {entry.order}
                      </Link>
                    ) : null}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </ScrollX>
      {page.results.length ? null : <p className="border-t border-line px-4 py-6 text-ink-2">Nobody yet.</p>}
      {page.next ? (
        <p className="border-t border-line px-4 py-3">
          <Link to={`?cursor=${encodeURIComponent(page.next)}`} className="underline underline-offset-4">
            Next
          </Link>
        </p>
      ) : null}
    </Panel>
  );
}
