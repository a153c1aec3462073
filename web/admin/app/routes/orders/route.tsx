import { useState } from "react";
import { type LoaderFunctionArgs, useLoaderData, useNavigate, useSearchParams } from "react-router";
import { orders, type Page } from "../../api";
import { useKeys } from "../../layout/useKeys";
import type { AdminOrderCard } from "../../types";
import { MorePages } from "../../ui/MorePages";
import { PageTitle, Panel } from "../../ui/Panel";
import { SearchField } from "../../ui/SearchField";
import { useTitle } from "../../ui/useTitle";
import { ViewTabs } from "../../ui/ViewTabs";
import { OrdersTable } from "./OrdersTable";
import { queryOf, views } from "./views";

export async function loader({ request }: LoaderFunctionArgs): Promise<Page<AdminOrderCard>> {
  return orders.list(queryOf(new URL(request.url).searchParams), request.signal);
}

export function Component() {
  const page = useLoaderData<Page<AdminOrderCard>>();
  const [params] = useSearchParams();
  const navigate = useNavigate();
  const [chosen, choose] = useState(-1);
  const view = params.get("view") ?? "all";
  useTitle("Orders");
  useKeys({
    j: () => choose(Math.min(chosen + 1, page.results.length - 1)),
    k: () => choose(Math.max(chosen - 1, 0)),
    Enter: () => {
      const order = page.results[chosen];
      if (order) navigate(`/orders/${order.number}`);
    },
  });
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
        <OrdersTable orders={page.results} chosen={chosen} />
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
