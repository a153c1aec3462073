import { formatMoney } from "@noirel/shared/money";
import { useState } from "react";
import { Link } from "react-router";
import { orders } from "../../api";
import type { AdminOrder, OrderBooks } from "../../types";
import { errorMessage } from "../../ui/error-message";
import { entryKinds } from "../../ui/ledger";
import { Panel } from "../../ui/Panel";
import { when } from "../../ui/time";

type State = { at: "closed" | "busy" } | { at: "open"; books: OrderBooks } | { at: "refused"; why: string };

/** The double entries of one order, for those who may open the ledger; asked for when somebody wants to see them. */
export function Books({ order }: { order: AdminOrder }) {
  const [state, setState] = useState<State>({ at: "closed" });

  async function open() {
    setState({ at: "busy" });
    try {
      setState({ at: "open", books: await orders.books(order.number) });
    } catch (error) {
      setState({ at: "refused", why: errorMessage(error) });
    }
  }

  if (state.at !== "open") {
    return (
      <Panel title="Books">
        <p className="border-t border-line px-4 py-3">
          <button
            type="button"
            className="underline underline-offset-4"
            aria-busy={state.at === "busy"}
            onClick={() => void open()}
          >
            Show ledger entries
          </button>
          {state.at === "refused" ? (
            <span role="alert" className="block pt-1 text-danger">
              {state.why}
            </span>
          ) : null}
        </p>
      </Panel>
    );
  }
  const { entries, balances } = state.books;
  return (
    <Panel title="Books">
      {entries.length ? (
        <ol>
          {entries.map((entry) => (
            <li key={entry.key} className="border-t border-line px-4 py-2.5">
              <p className="flex justify-between gap-4">
                <span className="font-medium">{entryKinds[entry.kind] ?? entry.kind}</span>
                <time dateTime={entry.at} className="text-xs text-ink-3">
                  {when(entry.at)}
                </time>
              </p>
              <Postings rows={entry.postings} />
            </li>
          ))}
          <li className="border-t border-line px-4 py-2.5">
            <p className="flex justify-between gap-4">
              <span className="font-medium">Balance</span>
              <Link to={`/ledger?order=${order.number}`} className="text-xs underline underline-offset-4">
                In the ledger
              </Link>
            </p>
            <Postings rows={balances} />
          </li>
        </ol>
      ) : (
        <p className="border-t border-line px-4 py-3 text-ink-2">No entries: no money was taken.</p>
      )}
    </Panel>
  );
}

function Postings({ rows }: { rows: OrderBooks["balances"] }) {
  return (
    <dl className="grid gap-0.5 pt-0.5 text-xs">
      {rows.map(({ account, name, amount }) => (
        <div key={account + amount.currency} className="flex justify-between gap-4">
          <dt className="text-ink-2">{name}</dt>
          <dd className="whitespace-nowrap">{formatMoney(amount)}</dd>
        </div>
      ))}
    </dl>
  );
}
