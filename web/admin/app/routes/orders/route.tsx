import { Link, type LoaderFunctionArgs, useLoaderData, useNavigate, useSearchParams } from "react-router";
import { orders, type Page } from "../../api";
import { useRowKeys } from "../../layout/useRowKeys";
import type { AdminOrderCard } from "../../types";
import { ListNotice, readPage } from "../../ui/listing";
import { MorePages } from "../../ui/MorePages";
import { PageTitle, Panel } from "../../ui/Panel";
import { SearchField } from "../../ui/SearchField";
import { useTitle } from "../../ui/useTitle";
import { ViewTabs } from "../../ui/ViewTabs";
import { OrdersTable } from "./OrdersTable";
import { activityOf, emptyOf, queryOf, views } from "./views";

export async function loader({ request }: LoaderFunctionArgs): Promise<Page<AdminOrderCard>> {
  return readPage(queryOf(new URL(request.url).searchParams), (query) => orders.list(query, request.signal));
}

export function Component() {
  const page = useLoaderData<Page<AdminOrderCard>>();
  const [params] = useSearchParams();
  const navigate = useNavigate();
  const activity = activityOf(params);
  const view = activity ? "" : (params.get("view") ?? "all");
  useTitle("Orders");
  const { at, body } = useRowKeys(page.results, (order) => navigate(`/orders/${order.number}`));
  return (
    <>
      <PageTitle>Orders</PageTitle>
      <Panel>
        <div className="flex flex-wrap items-center gap-3 px-3 py-2.5">
          <ViewTabs
            views={views
              .filter((one) => !("hidden" in one) || one.key === view)
              .map(({ key, label }) => ({
                to: key === "all" ? "/orders" : `/orders?view=${key}`,
                label,
                current: key === view,
              }))}
          />
          <div className="flex flex-1 justify-end">
            <SearchField label="Number, name or e-mail" />
          </div>
        </div>
        {activity ? (
          <p className="flex flex-wrap items-baseline gap-x-4 gap-y-1 border-t border-line px-4 py-2.5 text-ink-2">
            {activity}
            <Link to="/orders" className="underline underline-offset-4">
              All orders
            </Link>
          </p>
        ) : null}
        <ListNotice list={page} />
        <OrdersTable orders={page.results} chosen={at} body={body} empty={emptyOf(params)} />
        <MorePages
          next={page.next}
          total={page.total}
          shown={page.results.length}
          noun={page.total === 1 ? "order" : "orders"}
        />
      </Panel>
    </>
  );
}
