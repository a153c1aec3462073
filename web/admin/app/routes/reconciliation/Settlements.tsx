import { formatMoney } from "@noirel/shared/money";
import type { Page } from "../../api";
import type { Settlement } from "../../types";
import { ListNotice } from "../../ui/listing";
import { MorePages } from "../../ui/MorePages";
import { Panel } from "../../ui/Panel";
import { Status } from "../../ui/Status";
import { when } from "../../ui/time";
import { ViewTabs } from "../../ui/ViewTabs";

/** What the gateway paid to our bank, and the lines of it that match nothing we know. */
export function Settlements({
  page,
  unmatched,
  params,
}: {
  page: Page<Settlement>;
  unmatched: number;
  params: URLSearchParams;
}) {
  const only = params.get("unmatched") === "true";
  return (
    <Panel title="Settlements">
      <div className="px-3 pb-2">
        <ViewTabs
          views={[
            { to: "/reconciliation", label: "All", current: !only },
            { to: "/reconciliation?unmatched=true", label: `Unmatched ${unmatched}`, current: only },
          ]}
        />
      </div>
      <ListNotice list={page} />
      <ul>
        {page.results.map((settlement) => (
          <li
            key={settlement.id}
            className="grid grid-cols-[minmax(0,1fr)_auto] gap-x-4 border-t border-line px-4 py-2.5"
          >
            <span className="font-mono text-xs wrap-anywhere desk:pt-0.5">
              {settlement.id}
              {settlement.utr ? <span className="text-ink-3">, UTR {settlement.utr}</span> : null}
            </span>
            <span className="text-end font-medium">{formatMoney(settlement.amount)}</span>
            <span className="text-ink-2">
              {settlement.line_count} {settlement.line_count === 1 ? "line" : "lines"}, fees{" "}
              {formatMoney(settlement.fees)}
            </span>
            <time dateTime={settlement.created_at} className="text-end text-xs text-ink-3">
              {when(settlement.created_at)}
            </time>
            {settlement.problem ? (
              <p className="col-span-2 pt-1 wrap-anywhere text-danger">{settlement.problem}</p>
            ) : null}
            {settlement.unmatched.map((line) => (
              <p key={line.entity_id} className="col-span-2 flex flex-wrap items-baseline gap-x-3 pt-1.5">
                <Status tone="bad">{line.problem}</Status>
                <span className="min-w-0 font-mono text-xs wrap-anywhere text-ink-2">{line.entity_id}</span>
                <span className="ms-auto">
                  {formatMoney(line.credit.amount ? line.credit : { ...line.debit, amount: -line.debit.amount })}
                </span>
              </p>
            ))}
          </li>
        ))}
      </ul>
      {page.results.length ? (
        <MorePages
          next={page.next}
          total={page.total}
          shown={page.results.length}
          noun={page.total === 1 ? "settlement" : "settlements"}
        />
      ) : (
        <p className="border-t border-line px-4 py-6 text-ink-2">
          {only ? "Every settled line matches one of our payments." : "No settlements yet."}
        </p>
      )}
    </Panel>
  );
}
