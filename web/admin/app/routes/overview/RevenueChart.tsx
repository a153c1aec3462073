import { formatMoney } from "@noirel/shared/money";
import { useState } from "react";
import { Area, CartesianGrid, ComposedChart, Line, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";
import type { Summary } from "../../types";
import { Panel } from "../../ui/Panel";
import { onDay } from "../../ui/time";

type Day = Summary["series"][number];

/** Net revenue by day, the period before it dashed. The same figures stand in a table for whoever would rather read them. */
export default function RevenueChart({ series }: { series: Day[] }) {
  const [table, showTable] = useState(false);
  const currency = series[0]?.net_revenue.currency ?? "INR";
  const short = new Intl.NumberFormat("en-IN", {
    style: "currency",
    currency,
    notation: "compact",
    maximumFractionDigits: 1,
  });
  const scale =
    10 ** (new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 2);
  const points = series.map((day) => ({
    date: day.date,
    now: day.net_revenue.amount / scale,
    before: day.previous_net_revenue.amount / scale,
    day,
  }));
  return (
    <Panel
      title="Net revenue"
      aside={
        <div className="flex items-center gap-4">
          <span className="inline-flex items-center gap-1.5">
            <i aria-hidden="true" className="w-3.5 border-t-2 border-ink" /> This period
          </span>
          <span className="inline-flex items-center gap-1.5">
            <i aria-hidden="true" className="w-3.5 border-t-2 border-dashed border-rule" /> Previous
          </span>
          <button
            type="button"
            className="min-h-6 underline underline-offset-4"
            aria-pressed={table}
            onClick={() => showTable(!table)}
          >
            {table ? "Chart" : "Table"}
          </button>
        </div>
      }
    >
      {table ? (
        <div className="max-h-72 overflow-y-auto px-4 pb-4">
          <table className="w-full">
            <thead>
              <tr className="text-start text-xs text-ink-3">
                <th scope="col" className="py-1.5 text-start font-normal">
                  Day
                </th>
                <th scope="col" className="py-1.5 text-end font-normal">
                  Net revenue
                </th>
                <th scope="col" className="py-1.5 text-end font-normal">
                  Previous
                </th>
                <th scope="col" className="py-1.5 text-end font-normal">
                  Orders
                </th>
              </tr>
            </thead>
            <tbody>
              {series.map((day) => (
                <tr key={day.date} className="border-t border-line">
                  <th scope="row" className="py-1.5 text-start font-normal">
                    {onDay(day.date)}
                  </th>
                  <td className="text-end">{formatMoney(day.net_revenue)}</td>
                  <td className="text-end text-ink-2">{formatMoney(day.previous_net_revenue)}</td>
                  <td className="text-end">{day.orders}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : (
        <div
          className="h-72 px-2 pb-3"
          role="img"
          aria-label="Net revenue by day against the period before. Press Table for the figures."
        >
          <ResponsiveContainer width="100%" height="100%" initialDimension={{ width: 700, height: 276 }}>
            <ComposedChart data={points} margin={{ top: 12, right: 16, bottom: 0, left: 0 }} accessibilityLayer={false}>
              <CartesianGrid vertical={false} stroke="var(--color-line)" />
              <XAxis
                dataKey="date"
                tickFormatter={(day: string) => onDay(day)}
                tickLine={false}
                axisLine={{ stroke: "var(--color-rule)" }}
                tick={{ fill: "var(--color-ink-3)", fontSize: 11 }}
                minTickGap={48}
              />
              <YAxis
                width={64}
                tickFormatter={(value: number) => short.format(value)}
                tickLine={false}
                axisLine={false}
                tick={{ fill: "var(--color-ink-3)", fontSize: 11 }}
              />
              <Tooltip content={<ChartTooltip />} cursor={{ stroke: "var(--color-rule)" }} isAnimationActive={false} />
              <Area
                dataKey="now"
                type="monotone"
                stroke="var(--color-ink)"
                strokeWidth={1.5}
                fill="var(--color-ink)"
                fillOpacity={0.07}
                isAnimationActive={false}
              />
              <Line
                dataKey="before"
                type="monotone"
                stroke="var(--color-rule)"
                strokeWidth={1.2}
                strokeDasharray="3 4"
                dot={false}
                isAnimationActive={false}
              />
            </ComposedChart>
          </ResponsiveContainer>
        </div>
      )}
    </Panel>
  );
}

function ChartTooltip({ active, payload }: { active?: boolean; payload?: readonly { payload?: { day: Day } }[] }) {
  const day = payload?.[0]?.payload?.day;
  if (!active || !day) return null;
  return (
    <div className="rounded-admin bg-ink px-3 py-2 text-paper">
      <p className="text-xs opacity-80">{onDay(day.date)}</p>
      <p className="font-medium">{formatMoney(day.net_revenue)}</p>
      <p className="text-xs opacity-80">before: {formatMoney(day.previous_net_revenue)}</p>
    </div>
  );
}
