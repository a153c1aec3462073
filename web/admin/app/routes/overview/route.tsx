import { formatMoney } from "@noirel/shared/money";
import { lazy, Suspense } from "react";
import { Link, type LoaderFunctionArgs, useLoaderData, useSearchParams } from "react-router";
import { analytics, orders, type Page } from "../../api";
import { hasPermission } from "../../session/session";
import type { AdminOrderCard, Summary } from "../../types";
import { PageTitle, Panel } from "../../ui/Panel";
import { Thumb } from "../../ui/Thumb";
import { lastDays } from "../../ui/time";
import { useTitle } from "../../ui/useTitle";
import { OrdersTable } from "../orders/OrdersTable";
import { Kpi } from "./Kpi";

const RevenueChart = lazy(() => import("./RevenueChart"));
const ranges = [7, 28, 90];

type Data = { days: number; summary: Summary; latest: Page<AdminOrderCard> | null };

export async function loader({ request }: LoaderFunctionArgs): Promise<Data> {
  const asked = Number(new URL(request.url).searchParams.get("days"));
  const days = ranges.includes(asked) ? asked : 28;
  const { from, to } = lastDays(days);
  const [summary, latest] = await Promise.all([
    analytics.summary(from, to, request.signal),
    hasPermission("orders.view") ? orders.list({ limit: "6" }, request.signal) : null,
  ]);
  return { days, summary, latest };
}

export function Component() {
  const { days, summary, latest } = useLoaderData<Data>();
  const listOf = (activity: "sales" | "refunds" | "revenue") =>
    hasPermission("orders.view") ? `/orders?activity=${activity}&from=${summary.from}&to=${summary.to}` : null;
  const [, search] = useSearchParams();
  useTitle("Overview");
  const against = `vs previous ${days} days`;
  return (
    <>
      <PageTitle
        aside={
          <label className="flex items-center gap-2">
            <span className="text-ink-2">Range</span>
            <select
              value={days}
              onChange={(event) => search({ days: event.target.value })}
              className="h-8.5 rounded-admin border border-line bg-raised px-2.5 font-medium max-desk:h-11"
            >
              {ranges.map((range) => (
                <option key={range} value={range}>
                  Last {range} days
                </option>
              ))}
            </select>
          </label>
        }
      >
        Overview
      </PageTitle>

      <dl className="grid rounded-panel border border-line bg-raised max-desk:grid-cols-2 desk:grid-cols-5">
        <Kpi
          name="Net revenue"
          to={listOf("revenue")}
          shown={formatMoney(summary.net_revenue.value)}
          value={summary.net_revenue.value.amount}
          previous={summary.net_revenue.previous.amount}
          against={against}
          trend={summary.series.map((day) => day.net_revenue.amount)}
        />
        <Kpi
          name="Orders"
          to={listOf("sales")}
          shown={String(summary.orders.value)}
          value={summary.orders.value}
          previous={summary.orders.previous}
          against={against}
          trend={summary.series.map((day) => day.orders)}
        />
        <Kpi
          name="Average order"
          to={listOf("sales")}
          shown={formatMoney(summary.average_order.value)}
          value={summary.average_order.value.amount}
          previous={summary.average_order.previous.amount}
          against={against}
        />
        <Kpi
          name="Units sold"
          to={listOf("sales")}
          shown={String(summary.units.value)}
          value={summary.units.value}
          previous={summary.units.previous}
          against={against}
        />
        <Kpi
          name="Refunded"
          to={listOf("refunds")}
          shown={formatMoney(summary.refunded.value)}
          value={summary.refunded.value.amount}
          previous={summary.refunded.previous.amount}
          against={against}
          lessIsGood
        />
      </dl>

      <div className="mt-4 grid gap-4 wide:grid-cols-[minmax(0,1fr)_min(20.5rem,38%)]">
        <Suspense
          fallback={
            <Panel title="Net revenue" className="min-h-80">
              {null}
            </Panel>
          }
        >
          <RevenueChart series={summary.series} />
        </Suspense>
        <Panel
          title="Needs you"
          aside={
            summary.needs_you.length
              ? summary.needs_you.length === 1
                ? "1 thing"
                : `${summary.needs_you.length} things`
              : undefined
          }
        >
          {summary.needs_you.length ? (
            <ul>
              {summary.needs_you.map((need) => (
                <li
                  key={need.link + need.title}
                  className="grid grid-cols-[1fr_auto] items-center gap-3 border-t border-line px-4 py-2.5"
                >
                  <div>
                    <p className="font-medium">{need.title}</p>
                    <p className="text-xs text-ink-2">{need.detail}</p>
                  </div>
                  <Link
                    to={need.link.replace(/^\/admin/, "")}
                    className="underline decoration-1 underline-offset-4"
                    aria-label={`Open: ${need.title}`}
                  >
                    Open
                  </Link>
                </li>
              ))}
            </ul>
          ) : (
            <p className="border-t border-line px-4 py-6 text-ink-2">Nothing needs you. The house is quiet.</p>
          )}
        </Panel>
        {latest ? (
          <Panel title="Latest orders" aside={<Link to="/orders">All orders</Link>}>
            <OrdersTable orders={latest.results} />
          </Panel>
        ) : null}
        <Panel title="Best sellers" aside={`${days} days`}>
          <ul>
            {summary.best_sellers.map((best) => (
              <li
                key={best.slug}
                className="grid grid-cols-[auto_1fr_auto] items-center gap-3 border-t border-line px-4 py-2"
              >
                <Thumb picture={best.image} />
                <div>
                  {hasPermission("products.view") ? (
                    <Link to={`/products/${best.slug}`} className="font-medium">
                      {best.name}
                    </Link>
                  ) : (
                    <span className="font-medium">{best.name}</span>
                  )}
                  <p className="text-xs text-ink-2">
                    {best.units} sold{best.available === null ? "" : `, ${best.available} left`}
                  </p>
                </div>
                <span>{formatMoney(best.revenue)}</span>
              </li>
            ))}
          </ul>
          {summary.best_sellers.length ? null : (
            <p className="border-t border-line px-4 py-6 text-ink-2">No sales in these {days} days.</p>
          )}
        </Panel>
      </div>
    </>
  );
}
