import { useState } from "react";
import { Link, type LoaderFunctionArgs, useLoaderData, useNavigate, useSearchParams } from "react-router";
import { inventory, type Page } from "../../api";
import { useRowKeys } from "../../layout/useRowKeys";
import { hasPermission } from "../../session/session";
import type { InventoryRow } from "../../types";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { ListNotice, readPage } from "../../ui/listing";
import { MorePages } from "../../ui/MorePages";
import { PageTitle, Panel } from "../../ui/Panel";
import { SearchField } from "../../ui/SearchField";
import { Badge, Status } from "../../ui/Status";
import { Thumb } from "../../ui/Thumb";
import { cell, head, nameCell } from "../../ui/table";
import { useTitle } from "../../ui/useTitle";
import { ViewTabs } from "../../ui/ViewTabs";
import { Adjust } from "./Adjust";
import { emptyOf, whenOut, whereOf } from "./words";

export async function loader({ request }: LoaderFunctionArgs): Promise<Page<InventoryRow>> {
  const params = new URL(request.url).searchParams;
  const asked = (name: string) => params.get(name) || undefined;
  return readPage({ limit: "50", ...whereOf(params), cursor: asked("cursor") }, (query) =>
    inventory.list(query, request.signal),
  );
}

export function Component() {
  const page = useLoaderData<Page<InventoryRow>>();
  const [params] = useSearchParams();
  const [row, open] = useState<InventoryRow | null>(null);
  const navigate = useNavigate();
  const { at, body } = useRowKeys(page.results, ({ sku }) => navigate(`/inventory/${encodeURIComponent(sku)}`));
  useTitle("Inventory");
  const low = params.get("low") === "true";
  const samples = params.get("view") === "samples";
  return (
    <>
      <PageTitle>Inventory</PageTitle>
      <Panel>
        <div className="flex flex-wrap items-center gap-3 px-3 py-2.5">
          <ViewTabs
            views={[
              { to: "/inventory", label: "All", current: !low && !samples },
              { to: "/inventory?low=true", label: "Running low", current: low },
              { to: "/inventory?view=samples", label: "Samples", current: samples },
            ]}
          />
          <div className="flex flex-1 justify-end">
            <SearchField label="Name or SKU" />
          </div>
        </div>
        <ListNotice list={page} />
        <div className="overflow-x-auto">
          <table className="w-full border-collapse">
            <thead>
              <tr>
                <th scope="col" className={head}>
                  Variant
                </th>
                <th scope="col" className={`${head} text-end max-desk:hidden`}>
                  On hand
                </th>
                <th scope="col" className={`${head} text-end max-desk:hidden`}>
                  Reserved
                </th>
                <th scope="col" className={`${head} text-end max-desk:hidden`}>
                  Committed
                </th>
                <th scope="col" className={`${head} text-end`}>
                  Available
                </th>
                <th scope="col" className={`${head} max-desk:hidden`}>
                  When it runs out
                </th>
                <th scope="col" className={head}>
                  <span className="sr-only">Acts</span>
                </th>
              </tr>
            </thead>
            <tbody ref={body}>
              {page.results.map((item, index) => (
                <tr
                  key={item.sku}
                  className={`outline-offset-[-1px] hover:bg-sunk ${index === at ? "bg-sunk outline outline-rule" : ""}`}
                >
                  <th scope="row" className={`${nameCell} w-2/5`}>
                    <span className="flex items-center gap-3">
                      <Thumb picture={item.image} className="w-8" />
                      <span>
                        <Link
                          to={`/inventory/${encodeURIComponent(item.sku)}`}
                          className="underline-offset-4 hover:underline"
                        >
                          <span className="font-medium">{item.product.name}</span> {item.variant_title}
                        </Link>
                        {item.is_sample ? <Badge>Sample</Badge> : null}
                        <span className="block font-mono text-xs text-ink-3">{item.sku}</span>
                      </span>
                    </span>
                  </th>
                  <td className={`${cell} text-end max-desk:hidden`}>{item.tracked ? item.on_hand : ""}</td>
                  <td className={`${cell} text-end max-desk:hidden`}>{item.tracked ? item.reserved : ""}</td>
                  <td className={`${cell} text-end max-desk:hidden`}>{item.tracked ? item.committed : ""}</td>
                  <td className={`${cell} text-end`}>
                    {item.tracked ? <Left units={item.available} /> : "Not tracked"}
                  </td>
                  <td className={`${cell} text-ink-2 max-desk:hidden`}>{whenOut(item)}</td>
                  <td className={`${cell} text-end`}>
                    {hasPermission("inventory.adjust") ? (
                      <Button
                        onClick={() => open(item)}
                        aria-label={`Adjust ${item.product.name} ${item.variant_title}`}
                      >
                        Adjust
                      </Button>
                    ) : null}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
        {page.results.length ? null : <p className="border-t border-line px-4 py-6 text-ink-2">{emptyOf(params)}</p>}
        <MorePages
          next={page.next}
          total={page.total}
          shown={page.results.length}
          noun={page.total === 1 ? "variant" : "variants"}
        />
      </Panel>
      <Dialog
        title={row ? `${row.product.name} ${row.variant_title}` : ""}
        open={row !== null}
        onClose={() => open(null)}
      >
        {row ? <Adjust row={row} onDone={() => open(null)} onBack={() => open(null)} /> : null}
      </Dialog>
    </>
  );
}

function Left({ units }: { units: number }) {
  if (units <= 0) return <Status tone="bad">None left</Status>;
  if (units <= 10) return <Status tone="wait">{`${units} left`}</Status>;
  return <>{units}</>;
}
