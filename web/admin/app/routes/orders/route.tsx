import { useState } from "react";
import { Link, type LoaderFunctionArgs, useLoaderData, useNavigate, useSearchParams } from "react-router";
import { orders, type Page } from "../../api";
import { useKeys } from "../../layout/useKeys";
import type { AdminOrderCard } from "../../types";
import { MorePages } from "../../ui/MorePages";
import { PageTitle, Panel } from "../../ui/Panel";
import { SearchField } from "../../ui/SearchField";
import { useTitle } from "../../ui/useTitle";
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
  const href = (cursor: string | null) => {
    const next = new URLSearchParams(params);
    next.delete("cursor");
    if (cursor) next.set("cursor", cursor);
    return `/orders?${next}`;
  };
  return (
    <>
      <PageTitle>Orders</PageTitle>
      <Panel>
        <div className="flex flex-wrap items-center gap-3 px-3 py-2.5">
          <nav aria-label="Views" className="flex gap-1 max-desk:w-full max-desk:overflow-x-auto">
            {views.map(({ key, label }) => (
              <Link
                key={key}
                to={key === "all" ? "/orders" : `/orders?view=${key}`}
                aria-current={key === view ? "page" : undefined}
                className="flex items-center whitespace-nowrap rounded-admin px-2.5 py-1 text-ink-2 hover:text-ink aria-[current]:bg-sunk aria-[current]:font-medium aria-[current]:text-ink max-desk:min-h-11"
              >
                {label}
              </Link>
            ))}
          </nav>
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
          href={href}
        />
      </Panel>
    </>
  );
}
