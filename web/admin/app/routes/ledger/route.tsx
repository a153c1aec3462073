import { formatMoney } from "@noirel/shared/money";
import { useState } from "react";
import { Link, type LoaderFunctionArgs, useLoaderData, useSearchParams } from "react-router";
import { type LedgerPage, ledger } from "../../api";
import type { LedgerEntry } from "../../types";
import { Button } from "../../ui/Button";
import { errorMessage } from "../../ui/error-message";
import { entryKinds } from "../../ui/ledger";
import { ListNotice, readList } from "../../ui/listing";
import { MorePages } from "../../ui/MorePages";
import { PageTitle, Panel } from "../../ui/Panel";
import { useToast } from "../../ui/Toast";
import { instant } from "../../ui/time";
import { useTitle } from "../../ui/useTitle";
import { FILTERS, Filters } from "./Filters";

/** The filters of the URL as the API takes them; an empty field is no filter. */
function queryOf(params: URLSearchParams): Record<string, string | undefined> {
  const query = Object.fromEntries(FILTERS.map((name) => [name, params.get(name)?.trim() || undefined]));
  return { ...query, currency: query.currency?.toUpperCase() };
}

export async function loader({ request }: LoaderFunctionArgs): Promise<LedgerPage> {
  const params = new URL(request.url).searchParams;
  const cursor = params.get("cursor") || undefined;
  return readList<LedgerPage>(
    { ...queryOf(params), limit: "50", cursor },
    (query) => ledger.list(query, request.signal),
    { results: [], next: null, total: 0, sums: [] },
  );
}

/** Every entry of the books across orders and settlements, the newest first. */
export function Component() {
  const page = useLoaderData<LedgerPage>();
  const [params] = useSearchParams();
  const [busy, work] = useState(false);
  const say = useToast();
  useTitle("Ledger");

  async function download() {
    work(true);
    try {
      await ledger.download(queryOf(params));
    } catch (error) {
      say(errorMessage(error));
    } finally {
      work(false);
    }
  }

  return (
    <>
      <PageTitle
        aside={
          <Button busy={busy} disabled={!page.total} onClick={() => void download()}>
            Download CSV
          </Button>
        }
      >
        Ledger
      </PageTitle>
      <div className="grid items-start gap-4 wide:grid-cols-[minmax(0,1fr)_min(20.5rem,38%)]">
        <Panel>
          <Filters errors={page.refused ?? {}} />
          <ListNotice list={page} fields={FILTERS} />
          {page.results.length ? (
            <>
              <ol aria-label="Entries">
                {page.results.map((entry) => (
                  <Entry key={entry.number} entry={entry} />
                ))}
              </ol>
              <MorePages
                next={page.next}
                total={page.total}
                shown={page.results.length}
                noun={page.total === 1 ? "entry" : "entries"}
              />
            </>
          ) : (
            <p className="px-4 py-6 text-ink-2">
              {page.refused
                ? "Correct the filters to see entries."
                : FILTERS.some((name) => params.get(name))
                  ? "No entry matches these filters."
                  : "No entries yet."}
            </p>
          )}
        </Panel>
        {page.sums.length ? (
          <Panel title="Total of these entries">
            <dl className="grid gap-1.5 border-t border-line px-4 py-3">
              {page.sums.map(({ account, name, amount }) => (
                <div key={account + amount.currency} className="flex justify-between gap-4">
                  <dt className="text-ink-2">{name}</dt>
                  <dd className="whitespace-nowrap tabular-nums">{formatMoney(amount)}</dd>
                </div>
              ))}
            </dl>
            <p className="border-t border-line px-4 py-3 text-xs text-ink-2">
              Over all pages. Debits are positive, credits negative; the accounts of one currency add up to zero.
            </p>
          </Panel>
        ) : null}
      </div>
    </>
  );
}

function Entry({ entry }: { entry: LedgerEntry }) {
  return (
    <li className="grid gap-x-6 gap-y-1 border-t border-line px-4 py-2.5 first:border-t-0 desk:grid-cols-[minmax(0,1fr)_minmax(0,22rem)]">
      <div className="min-w-0">
        <p className="font-medium">{entryKinds[entry.kind] ?? entry.kind}</p>
        <p className="wrap-anywhere text-ink-2">
          {entry.order ? (
            <Link to={`/orders/${entry.order}`} className="underline underline-offset-4">
              {entry.order}
            </Link>
          ) : (
            <span className="font-mono text-xs">{entry.reference}</span>
          )}
          {entry.memo ? `, ${entry.memo}` : null}
        </p>
        <time dateTime={entry.at} className="text-xs text-ink-3">
          {instant(entry.at)}
        </time>
      </div>
      <dl className="grid content-start gap-0.5">
        {entry.postings.map(({ account, name, amount }) => (
          <div key={account} className="flex justify-between gap-4">
            <dt className="text-ink-2">{name}</dt>
            <dd className="whitespace-nowrap tabular-nums">{formatMoney(amount)}</dd>
          </div>
        ))}
      </dl>
    </li>
  );
}
