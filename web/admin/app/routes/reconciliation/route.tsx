import { formatMoney } from "@noirel/shared/money";
import { useState } from "react";
import { Link, type LoaderFunctionArgs, useLoaderData, useRevalidator, useSearchParams } from "react-router";
import { type Page, reconciliation } from "../../api";
import type { AuditRun, Reconciliation, Settlement } from "../../types";
import { Button } from "../../ui/Button";
import { errorMessage } from "../../ui/error-message";
import { readPage } from "../../ui/listing";
import { PageTitle, Panel } from "../../ui/Panel";
import { Status } from "../../ui/Status";
import { useToast } from "../../ui/Toast";
import { when } from "../../ui/time";
import { useTitle } from "../../ui/useTitle";
import { Days } from "./Days";
import { Settlements } from "./Settlements";
import { outcomeOf } from "./words";

type Data = { books: Reconciliation; settlements: Page<Settlement> };

export async function loader({ request }: LoaderFunctionArgs): Promise<Data> {
  const params = new URL(request.url).searchParams;
  const asked = (name: string) => params.get(name) || undefined;
  const [books, settlements] = await Promise.all([
    reconciliation.get(request.signal),
    readPage({ limit: "20", unmatched: asked("unmatched"), cursor: asked("cursor") }, (query) =>
      reconciliation.settlements(query, request.signal),
    ),
  ]);
  return { books, settlements };
}

/** What the proof found, and our books beside what the gateway holds and the bank got. */
export function Component() {
  const { books, settlements } = useLoaderData<Data>();
  const [params] = useSearchParams();
  const [busy, work] = useState(false);
  const reload = useRevalidator();
  const say = useToast();
  useTitle("Reconciliation");

  async function run() {
    work(true);
    try {
      say(outcomeOf(await reconciliation.run()).toast);
      await reload.revalidate();
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
          <Button kind="primary" busy={busy} onClick={() => void run()}>
            Check now
          </Button>
        }
      >
        Reconciliation
      </PageTitle>
      {books.webhooks.is_silent ? (
        <div role="alert" className="mb-4 rounded-panel border border-danger bg-raised px-4 py-3">
          <p className="font-medium text-danger">No webhook has arrived since the last payment.</p>
          <p>
            The gateway may have disabled our webhook, as it does after 24 hours of failures. Payments are still found
            by polling. Re-enable the webhook in the gateway’s dashboard.
          </p>
        </div>
      ) : null}
      <div className="grid items-start gap-4 wide:grid-cols-[minmax(0,1fr)_min(20.5rem,38%)]">
        <div className="grid min-w-0 gap-4">
          <LastRun run={books.last_run} waiting={books.review_queue.total} />
          <Days days={books.days} />
          <Settlements page={settlements} unmatched={books.settlements.unmatched} params={params} />
          <Unsettled rows={books.unsettled} />
        </div>
        <div className="grid gap-4">
          <Panel title="Books">
            <dl className="grid gap-1.5 border-t border-line px-4 py-3">
              {books.balances.map(({ account, name, balance }) => (
                <div key={account + balance.currency} className="flex justify-between gap-4">
                  <dt className="text-ink-2">
                    <Link
                      to={`/ledger?account=${account}&currency=${balance.currency}`}
                      className="underline-offset-4 hover:underline max-desk:underline"
                    >
                      {name}
                    </Link>
                  </dt>
                  <dd className="whitespace-nowrap tabular-nums">{formatMoney(balance)}</dd>
                </div>
              ))}
            </dl>
            <p className="border-t border-line px-4 py-3 text-xs text-ink-2">
              {books.balances.length ? (
                <>
                  Debits are positive and credits negative; together they make zero.{" "}
                  <Link to="/ledger" className="underline underline-offset-4">
                    All entries
                  </Link>
                </>
              ) : (
                "No entries yet."
              )}
            </p>
          </Panel>
          <Panel title="Webhooks">
            <dl className="grid gap-1.5 border-t border-line px-4 py-3">
              <Fact name="Last received">{books.webhooks.last_at ? when(books.webhooks.last_at) : "none yet"}</Fact>
              <Fact name="Last 24 hours">{String(books.webhooks.last_day)}</Fact>
              <Fact name="Not yet applied">{String(books.webhooks.waiting)}</Fact>
              <Fact name="Checked up to">{books.swept_until ? when(books.swept_until) : "not yet"}</Fact>
            </dl>
            <p className="border-t border-line px-4 py-3">
              <Link to="/events" className="underline underline-offset-4">
                All gateway events
              </Link>
            </p>
          </Panel>
        </div>
      </div>
    </>
  );
}

function LastRun({ run, waiting }: { run: AuditRun | null; waiting: number }) {
  if (!run) {
    return (
      <Panel title="Last check">
        <p className="border-t border-line px-4 py-6 text-ink-2">It runs every night and has not run yet.</p>
      </Panel>
    );
  }
  const { findings } = run;
  return (
    <Panel title="Last check" aside={`${when(run.at)}, ${run.actor || "automatic"}`}>
      <div className="border-t border-line px-4 py-4">
        <p className="font-display text-2xl leading-tight font-light">{outcomeOf(run).headline}</p>
        {waiting ? (
          <p className="pt-1">
            <Link to="/desk" className="underline underline-offset-4">
              {count(waiting, "item")} in the review queue
            </Link>
          </p>
        ) : null}
        <p className="pt-1 text-ink-2">
          {run.checks} checks of stock, orders, payments and books in {run.milliseconds} ms,{" "}
          {run.with_gateway ? "compared with the gateway." : "without the gateway, which did not answer."}
        </p>
      </div>
      {findings.length ? (
        <ul>
          {findings.map((finding) => (
            <li
              key={`${finding.check} ${finding.subject} ${finding.detail}`}
              className="grid gap-x-4 border-t border-line px-4 py-2.5 desk:grid-cols-[12rem_minmax(0,1fr)]"
            >
              <span className="font-mono text-xs wrap-anywhere text-danger desk:pt-0.5">{finding.check}</span>
              <span className="min-w-0 wrap-anywhere">
                <span className="font-medium">{finding.subject}</span>: {finding.detail}
                {finding.says ? <span className="block text-xs text-ink-2">Rule: {finding.says}</span> : null}
              </span>
            </li>
          ))}
        </ul>
      ) : null}
    </Panel>
  );
}

function Unsettled({ rows }: { rows: Reconciliation["unsettled"] }) {
  return (
    <Panel title="Payments without an answer" aside={rows.length ? String(rows.length) : undefined}>
      {rows.length ? (
        <ul>
          {rows.map((row) => (
            <li
              key={row.receipt}
              className="grid grid-cols-[minmax(0,1fr)_auto] gap-x-4 border-t border-line px-4 py-2.5"
            >
              <Link
                to={`/orders/${row.order}`}
                className="justify-self-start font-medium wrap-anywhere underline-offset-4 hover:underline"
              >
                {row.receipt}
              </Link>
              <span className="text-end">{formatMoney(row.amount)}</span>
              <span className="text-ink-2">
                <Status tone="wait" ring>
                  {row.status}
                </Status>
                , asked {row.checks === 1 ? "once" : `${row.checks} times`}
              </span>
              <span className="text-end text-xs text-ink-3">since {when(row.unanswered_since ?? row.created_at)}</span>
            </li>
          ))}
        </ul>
      ) : (
        <p className="border-t border-line px-4 py-6 text-ink-2">The gateway has answered for every payment.</p>
      )}
    </Panel>
  );
}

function Fact({ name, children }: { name: string; children: string }) {
  return (
    <div className="flex justify-between gap-4">
      <dt className="text-ink-2">{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

const count = (number: number, noun: string) => `${number} ${noun}${number === 1 ? "" : "s"}`;
