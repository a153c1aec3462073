import { useRef, useState } from "react";
import { type LoaderFunctionArgs, useLoaderData, useSearchParams } from "react-router";
import { bulk, type Page, products, shop } from "../../api";
import { hasPermission } from "../../session/session";
import type { AdminProductCard, BulkChange } from "../../types";
import { Button } from "../../ui/Button";
import { ListNotice, readPage } from "../../ui/listing";
import { MorePages } from "../../ui/MorePages";
import { PageTitle, Panel } from "../../ui/Panel";
import { SearchField } from "../../ui/SearchField";
import { useTitle } from "../../ui/useTitle";
import { ViewTabs } from "../../ui/ViewTabs";
import { BulkBar } from "./BulkBar";
import { emptyOf, isOpen, NOBODY, targetOf, whereOf } from "./choice";
import { Filters } from "./Filters";
import { List } from "./List";
import { New } from "./New";
import { Result } from "./Result";
import { useBulk } from "./useBulk";

const statuses = [
  ["", "All"],
  ["active", "Active"],
  ["draft", "Draft"],
  ["archived", "Archived"],
] as const;

type Loaded = { page: Page<AdminProductCard>; currencies: string[]; open: BulkChange | null };

export async function loader({ request }: LoaderFunctionArgs): Promise<Loaded> {
  const params = new URL(request.url).searchParams;
  const listed = Object.fromEntries(Object.entries(whereOf(params)).map(([name, value]) => [name, String(value)]));
  const [page, { currencies }, newest] = await Promise.all([
    readPage({ limit: "50", ...listed, cursor: params.get("cursor") ?? undefined }, (query) =>
      products.list(query, request.signal),
    ),
    shop.get(request.signal),
    hasPermission("products.edit") ? bulk.newest(request.signal) : null,
  ]);
  return { page, currencies, open: newest && isOpen(newest) ? newest : null };
}

export function Component() {
  const { page, currencies, open } = useLoaderData<Loaded>();
  const [making, make] = useState(false);
  const [params] = useSearchParams();
  const acts = useBulk(open);
  const headBox = useRef<HTMLInputElement>(null);
  const filters = whereOf(params);
  const where = JSON.stringify(filters);
  // Who was chosen under other filters is not seen here, and so is not meant.
  const [made, choose] = useState({ where, is: NOBODY });
  const choice = made.where === where ? made.is : NOBODY;
  const clear = () => {
    choose({ where, is: NOBODY });
    // The bar goes with its buttons: the focus goes to where a choice begins.
    requestAnimationFrame(() => headBox.current?.focus());
  };
  const editable = hasPermission("products.edit");
  useTitle("Products");
  const href = (status: string) => {
    const next = new URLSearchParams(params);
    next.delete("cursor");
    next.delete("status");
    next.delete("view");
    if (status) next.set("status", status);
    return `/products?${next}`;
  };
  const samples = params.get("view") === "samples";
  return (
    <>
      <PageTitle
        aside={
          editable ? (
            <Button kind="primary" onClick={() => make(true)}>
              New product
            </Button>
          ) : null
        }
      >
        Products
      </PageTitle>
      <New open={making} onClose={() => make(false)} currencies={currencies} />
      {acts.outcome ? <Result outcome={acts.outcome} busy={acts.busy} onStop={acts.stop} onClose={acts.close} /> : null}
      <Panel className={choice.all || choice.by.size ? "mb-24 max-desk:mb-44" : ""}>
        <div className="flex flex-wrap items-center gap-3 px-3 py-2.5">
          <ViewTabs
            views={[
              ...statuses.map(([key, label]) => ({
                to: href(key),
                label,
                current: !samples && key === (params.get("status") ?? ""),
              })),
              { to: "/products?view=samples", label: "Samples", current: samples },
            ]}
          />
          <div className="flex flex-1 flex-wrap justify-end gap-2">
            <Filters />
            <SearchField label="Name or SKU" />
          </div>
        </div>
        <ListNotice list={page} />
        <List
          rows={page.results}
          choice={choice}
          total={page.total}
          choose={editable ? (next) => choose({ where, is: next }) : null}
          headBox={headBox}
        />
        {page.results.length ? null : <p className="border-t border-line px-4 py-6 text-ink-2">{emptyOf(params)}</p>}
        <MorePages
          next={page.next}
          total={page.total}
          shown={page.results.length}
          noun={page.total === 1 ? "product" : "products"}
        />
      </Panel>
      {choice.all || choice.by.size ? (
        <BulkBar
          choice={choice}
          target={targetOf(choice, filters, page.total)}
          total={page.total}
          shown={page.results.length}
          currencies={currencies}
          bulk={acts}
          onAll={() => choose({ where, is: { ...choice, all: true } })}
          onClear={clear}
        />
      ) : null}
    </>
  );
}
