import { Link, type LoaderFunctionArgs, useLoaderData } from "react-router";
import { inventory, type Page, type Stock } from "../../api";
import { hasPermission } from "../../session/session";
import type { Movement } from "../../types";
import { ListNotice, readPage } from "../../ui/listing";
import { MorePages } from "../../ui/MorePages";
import { PageTitle, Panel } from "../../ui/Panel";
import { ScrollX } from "../../ui/ScrollX";
import { cell, head, nameCell } from "../../ui/table";
import { instant } from "../../ui/time";
import { useTitle } from "../../ui/useTitle";
import { Adjust } from "../inventory/Adjust";
import { reasonWords } from "../inventory/words";
import { Count } from "./Count";
import { TermsForm } from "./TermsForm";

type Data = { row: Stock; movements: Page<Movement> };

export async function loader({ params, request }: LoaderFunctionArgs): Promise<Data> {
  const sku = params.sku ?? "";
  const cursor = new URL(request.url).searchParams.get("cursor") || undefined;
  const [row, movements] = await Promise.all([
    inventory.get(sku, request.signal),
    readPage({ limit: "50", cursor }, (query) => inventory.movements(sku, query, request.signal)),
  ]);
  return { row, movements };
}

/** One variant's shelf: how many, every change of it, and what happens when there is none. */
export function Component() {
  const { row, movements } = useLoaderData<Data>();
  const name = `${row.product.name} ${row.variant_title}`.trim();
  useTitle(name);
  return (
    <>
      <nav aria-label="Breadcrumb" className="pt-1 text-ink-3">
        <Link to="/inventory" className="inline-flex min-h-6 items-center underline-offset-4 hover:underline">
          Inventory
        </Link>
      </nav>
      <PageTitle>{name}</PageTitle>
      <p className="-mt-2 flex flex-wrap gap-x-5 gap-y-1 pb-4 text-ink-2">
        <span className="font-mono text-xs leading-5">{row.sku}</span>
        {hasPermission("products.view") ? (
          <Link to={`/products/${row.product.slug}`} className="underline underline-offset-4">
            The product
          </Link>
        ) : null}
      </p>
      <div className="grid items-start gap-4 wide:grid-cols-[minmax(0,1fr)_min(22rem,45%)]">
        <div className="grid min-w-0 gap-4">
          <Panel>
            <dl className="grid grid-cols-4 divide-x divide-line max-desk:grid-cols-2 max-desk:divide-x-0">
              <Level name="On hand" says="in the building" units={row.tracked ? row.on_hand : null} />
              <Level name="Reserved" says="in checkouts" units={row.tracked ? row.reserved : null} />
              <Level name="Committed" says="paid, not shipped" units={row.tracked ? row.committed : null} />
              <Level name="Available" says="can be sold" units={row.tracked ? row.available : null} />
            </dl>
          </Panel>
          <Panel title="Movements">
            <ListNotice list={movements} />
            <ScrollX label="Movements, a table">
              <table className="w-full border-collapse">
                <thead>
                  <tr>
                    <th scope="col" className={`${head} text-end`}>
                      Change
                    </th>
                    <th scope="col" className={head}>
                      Reason
                    </th>
                    <th scope="col" className={`${head} text-end`}>
                      On hand after
                    </th>
                    <th scope="col" className={head}>
                      By
                    </th>
                    <th scope="col" className={head}>
                      When
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {movements.results.map((movement) => (
                    <tr key={movement.id}>
                      <td className={`${cell} text-end font-medium`}>
                        {movement.delta > 0 ? `+${movement.delta}` : `−${Math.abs(movement.delta)}`}
                      </td>
                      <td className={`${nameCell} w-2/5`}>
                        {reasonWords[movement.reason] ?? movement.reason}{" "}
                        {movement.reference.startsWith("NE-") ? (
                          <Link
                            to={`/orders/${movement.reference}`}
                            className="text-ink-2 underline-offset-4 hover:underline"
                          >
                            {movement.reference}
                          </Link>
                        ) : null}
                        {movement.note ? <span className="block text-xs text-ink-3">{movement.note}</span> : null}
                      </td>
                      <td className={`${cell} text-end`}>{movement.on_hand_after}</td>
                      <td className={`${cell} text-ink-2`}>
                        {movement.actor || (movement.reason === "sold" ? "Buyer" : "System")}
                      </td>
                      <td className={cell}>
                        <time dateTime={movement.at}>{instant(movement.at)}</time>
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </ScrollX>
            {movements.results.length ? null : (
              <p className="border-t border-line px-4 py-6 text-ink-2">No movements yet.</p>
            )}
            <MorePages
              next={movements.next}
              total={movements.total}
              shown={movements.results.length}
              noun={movements.total === 1 ? "movement" : "movements"}
            />
          </Panel>
        </div>
        {hasPermission("inventory.adjust") ? (
          <div className="grid gap-4">
            <Panel title="Count">
              <div className="border-t border-line px-4 py-4">
                <Count key={row.sku} row={row} />
              </div>
            </Panel>
            <Panel title="Adjust">
              <div className="border-t border-line px-4 py-4">
                <Adjust row={row} onDone={() => undefined} />
              </div>
            </Panel>
            <Panel title="Terms">
              <div className="border-t border-line px-4 py-4">
                <TermsForm key={`${row.sku} ${row.policy} ${row.tracked} ${row.expected_on}`} row={row} />
              </div>
            </Panel>
          </div>
        ) : null}
      </div>
    </>
  );
}

function Level({ name, says, units }: { name: string; says: string; units: number | null }) {
  return (
    <div className="px-4 py-3">
      <dt className="text-xs text-ink-3">
        <span className="text-ink">{name}</span>, {says}
      </dt>
      <dd
        className={`pt-1 font-display text-[2rem] leading-none font-light ${units !== null && units < 0 ? "text-danger" : ""}`}
      >
        {units === null ? <span className="font-sans text-base">not counted</span> : units}
      </dd>
    </div>
  );
}
