import { formatMoney } from "@noirel/shared/money";
import { Link } from "react-router";
import type { Money, Reconciliation } from "../../types";
import { Panel } from "../../ui/Panel";
import { cell, head } from "../../ui/table";
import { onDay } from "../../ui/time";

type Day = Reconciliation["days"][number];
type Column = "opening" | "captured" | "fees" | "refunded" | "disputes_lost" | "settled" | "adjustments" | "gateway";

/** sign: how the column counts towards the closing balance; 0 for the balances themselves. */
const columns: { name: Column; label: string; sign: -1 | 0 | 1 }[] = [
  { name: "opening", label: "Opening", sign: 0 },
  { name: "captured", label: "Captured", sign: 1 },
  { name: "fees", label: "Fees", sign: -1 },
  { name: "refunded", label: "Refunded", sign: -1 },
  { name: "disputes_lost", label: "Lost disputes", sign: -1 },
  { name: "settled", label: "Paid out", sign: -1 },
  { name: "adjustments", label: "Adjustments", sign: 1 },
  { name: "gateway", label: "Closing", sign: 0 },
];

/** What the gateway holds, day by day and currency by currency: opening and movements add up to closing. */
export function Days({ days }: { days: Day[] }) {
  const shown = columns.filter(({ name }) => name !== "adjustments" || days.some((day) => day.adjustments.amount));
  const currencies = new Set(days.map(({ currency }) => currency)).size;
  if (!days.length) {
    return (
      <Panel title="By day">
        <p className="border-t border-line px-4 py-6 text-ink-2">No money has moved yet.</p>
      </Panel>
    );
  }
  return (
    <Panel title="By day">
      <p className="px-4 pb-2 text-xs text-ink-2">
        What the gateway holds for us: opening plus movements equals closing.
      </p>
      <div className="overflow-x-auto">
        <table className="w-full border-collapse max-desk:block">
          <thead className="max-desk:sr-only">
            <tr>
              <th scope="col" className={head}>
                Day
              </th>
              {shown.map(({ name, label }) => (
                <th key={name} scope="col" className={`${head} text-end`}>
                  {label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody className="max-desk:block">
            {days.map((day) => (
              <tr
                key={day.on + day.currency}
                className="max-desk:grid max-desk:gap-1 max-desk:border-t max-desk:border-line max-desk:px-4 max-desk:py-3"
              >
                <th scope="row" className={`${row} text-start font-normal max-desk:pb-1 max-desk:font-medium`}>
                  <Link
                    to={`/ledger?from=${day.on}&to=${day.on}&currency=${day.currency}`}
                    className="underline-offset-4 hover:underline max-desk:underline"
                  >
                    <time dateTime={day.on}>{onDay(day.on)}</time>
                    {currencies > 1 ? `, ${day.currency}` : null}
                  </Link>
                </th>
                {shown.map(({ name, label, sign }) => (
                  <td
                    key={name}
                    className={`${row} text-end tabular-nums max-desk:flex max-desk:justify-between max-desk:gap-4 ${name === "gateway" ? "font-medium" : ""}`}
                  >
                    <span aria-hidden="true" className="text-ink-2 desk:hidden">
                      {label}
                    </span>
                    {sign && !day[name].amount ? <span className="text-ink-3">–</span> : signed(day[name], sign)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}

const row = `${cell} max-desk:border-0 max-desk:p-0 max-desk:first:ps-0 max-desk:last:pe-0`;

const signed = (money: Money, sign: -1 | 0 | 1) => formatMoney(sign < 0 ? { ...money, amount: -money.amount } : money);
