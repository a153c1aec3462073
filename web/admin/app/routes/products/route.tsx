import { formatMoney } from "@noirel/shared/money";
import { useState } from "react";
import { Link, type LoaderFunctionArgs, useLoaderData, useSearchParams } from "react-router";
import { type Page, products, shop } from "../../api";
import { may } from "../../session/session";
import type { AdminProductCard } from "../../types";
import { Button } from "../../ui/Button";
import { MorePages } from "../../ui/MorePages";
import { PageTitle, Panel } from "../../ui/Panel";
import { SearchField } from "../../ui/SearchField";
import { Status } from "../../ui/Status";
import { Thumb } from "../../ui/Thumb";
import { cell, head } from "../../ui/table";
import { ago, when } from "../../ui/time";
import { useTitle } from "../../ui/useTitle";
import { ViewTabs } from "../../ui/ViewTabs";
import { New } from "./New";

const statuses = [
  ["", "All"],
  ["active", "Active"],
  ["draft", "Draft"],
  ["archived", "Archived"],
] as const;

export const productTones = { active: "good", draft: "wait", archived: "off" } as const;

type Loaded = { page: Page<AdminProductCard>; currencies: string[] };

export async function loader({ request }: LoaderFunctionArgs): Promise<Loaded> {
  const params = new URL(request.url).searchParams;
  const asked = (name: string) => params.get(name) || undefined;
  const [page, { currencies }] = await Promise.all([
    products.list({ limit: "50", q: asked("q"), status: asked("status"), cursor: asked("cursor") }, request.signal),
    shop.get(request.signal),
  ]);
  return { page, currencies };
}

export function Component() {
  const { page, currencies } = useLoaderData<Loaded>();
  const [making, make] = useState(false);
  const [params] = useSearchParams();
  useTitle("Products");
  const href = (cursor: string | null) => {
    const next = new URLSearchParams(params);
    next.delete("cursor");
    if (cursor) next.set("cursor", cursor);
    return `/products?${next}`;
  };
  return (
    <>
      <PageTitle
        aside={
          may("products.edit") ? (
            <Button kind="primary" onClick={() => make(true)}>
              New product
            </Button>
          ) : null
        }
      >
        Products
      </PageTitle>
      <New open={making} onClose={() => make(false)} currencies={currencies} />
      <Panel>
        <div className="flex flex-wrap items-center gap-3 px-3 py-2.5">
          <ViewTabs
            views={statuses.map(([key, label]) => ({
              to: key ? `/products?status=${key}` : "/products",
              label,
              current: key === (params.get("status") ?? ""),
            }))}
          />
          <div className="flex flex-1 justify-end">
            <SearchField label="Name or SKU" />
          </div>
        </div>
        <div className="overflow-x-auto">
          <table className="w-full border-collapse">
            <thead>
              <tr>
                <th scope="col" className={head}>
                  Product
                </th>
                <th scope="col" className={head}>
                  Status
                </th>
                <th scope="col" className={`${head} text-end`}>
                  Variants
                </th>
                <th scope="col" className={`${head} text-end`}>
                  Available
                </th>
                <th scope="col" className={`${head} text-end`}>
                  Price
                </th>
                <th scope="col" className={`${head} text-end`}>
                  Changed
                </th>
              </tr>
            </thead>
            <tbody>
              {page.results.map((product) => (
                <tr key={product.slug} className="relative hover:bg-sunk">
                  <th scope="row" className={`${cell} w-2/5 text-start font-normal`}>
                    <span className="flex items-center gap-3">
                      <Thumb picture={product.image} className="w-8" />
                      <span className="min-w-0">
                        <Link to={`/products/${product.slug}`} className="font-medium after:absolute after:inset-0">
                          {product.name}
                        </Link>
                        <span className="block max-w-72 truncate text-xs text-ink-2">{product.subtitle}</span>
                      </span>
                    </span>
                  </th>
                  <td className={cell}>
                    <Status tone={productTones[product.status]}>
                      {product.status.replace(/^./, (c) => c.toUpperCase())}
                    </Status>
                  </td>
                  <td className={`${cell} text-end`}>{product.variant_count}</td>
                  <td className={`${cell} text-end`}>{product.available ?? "Not tracked"}</td>
                  <td className={`${cell} text-end`}>
                    {formatMoney(product.price_range.min)}
                    {product.price_range.max.amount > product.price_range.min.amount
                      ? ` to ${formatMoney(product.price_range.max)}`
                      : ""}
                  </td>
                  <td className={`${cell} text-end text-ink-3`}>
                    <time dateTime={product.updated_at} title={when(product.updated_at)}>
                      {ago(product.updated_at)}
                    </time>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
        {page.results.length ? null : (
          <p className="border-t border-line px-4 py-6 text-ink-2">No products by that name.</p>
        )}
        <MorePages
          next={page.next}
          total={page.total}
          shown={page.results.length}
          noun={page.total === 1 ? "product" : "products"}
          href={href}
        />
      </Panel>
    </>
  );
}
