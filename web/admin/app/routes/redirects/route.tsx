import { useState } from "react";
import { Link, type LoaderFunctionArgs, useLoaderData, useRevalidator, useSearchParams } from "react-router";
import type { Page } from "../../api";
import { type OldAddress, redirects } from "../../catalogue";
import { hasPermission } from "../../session/session";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { errorMessage } from "../../ui/error-message";
import { ListNotice, readPage } from "../../ui/listing";
import { MorePages } from "../../ui/MorePages";
import { Empty, PageTitle, Panel } from "../../ui/Panel";
import { SearchField } from "../../ui/SearchField";
import { useToast } from "../../ui/Toast";
import { cell, head, nameCell } from "../../ui/table";
import { onDay } from "../../ui/time";
import { useTitle } from "../../ui/useTitle";
import { ViewTabs } from "../../ui/ViewTabs";
import { Add } from "./Add";
import { KINDS, type Kind } from "./words";

export async function loader({ request }: LoaderFunctionArgs): Promise<Page<OldAddress>> {
  const params = new URL(request.url).searchParams;
  const asked = (name: string) => params.get(name) || undefined;
  return readPage({ limit: "50", q: asked("q"), kind: asked("kind"), cursor: asked("cursor") }, (query) =>
    redirects.list(query, request.signal),
  );
}

export function Component() {
  const page = useLoaderData<Page<OldAddress>>();
  const [params] = useSearchParams();
  const [adding, add] = useState(false);
  const reload = useRevalidator();
  const say = useToast();
  useTitle("URL redirects");
  const editable = hasPermission("products.edit");
  const kind = params.get("kind");

  async function remove(row: OldAddress) {
    const address = `${KINDS[row.kind].path}${row.slug}`;
    try {
      await redirects.remove(row);
      say(`${address} now answers “not found”.`, {
        label: "Undo",
        run: () =>
          void redirects
            .add(row)
            .then(() => reload.revalidate())
            .catch((error: unknown) => say(errorMessage(error))),
      });
      await reload.revalidate();
    } catch (error) {
      say(errorMessage(error));
    }
  }

  const begin = editable ? <Button onClick={() => add(true)}>Add a redirect</Button> : null;
  return (
    <>
      <PageTitle aside={begin}>URL redirects</PageTitle>
      <p className="pb-3 text-ink-2">When an address changes, the old one redirects to it (301) automatically.</p>
      <Panel>
        <div className="flex flex-wrap items-center gap-3 px-3 py-2.5">
          <ViewTabs
            views={[
              { to: "/redirects", label: "All", current: !kind },
              ...(Object.keys(KINDS) as Kind[]).map((one) => ({
                to: `/redirects?kind=${one}`,
                label: KINDS[one].many,
                current: kind === one,
              })),
            ]}
          />
          <div className="flex flex-1 justify-end">
            <SearchField label="Find a redirect" />
          </div>
        </div>
        <ListNotice list={page} />
        {page.results.length ? (
          <div className="overflow-x-auto">
            <table className="w-full border-collapse">
              <thead>
                <tr>
                  <th scope="col" className={head}>
                    Old address
                  </th>
                  <th scope="col" className={head}>
                    Leads to
                  </th>
                  <th scope="col" className={`${head} max-desk:hidden`}>
                    Since
                  </th>
                  <th scope="col" className={head}>
                    <span className="sr-only">Acts</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {page.results.map((row) => (
                  <tr key={`${row.kind}/${row.slug}`} className="hover:bg-sunk">
                    <th
                      scope="row"
                      className={`${cell} max-w-0 w-2/5 truncate text-start font-mono text-xs font-normal max-desk:max-w-none max-desk:break-all max-desk:whitespace-normal`}
                    >
                      {KINDS[row.kind].path}
                      {row.slug}
                    </th>
                    <td className={nameCell}>
                      <Link to={placeOf(row)} className="font-medium underline-offset-4 hover:underline">
                        {row.name}
                      </Link>
                      <span className="block font-mono text-xs text-ink-3 max-desk:hidden">
                        {KINDS[row.kind].path}
                        {row.to}
                      </span>
                    </td>
                    <td className={`${cell} text-ink-2 max-desk:hidden`}>{onDay(row.created_at)}</td>
                    <td className={`${cell} text-end`}>
                      {editable ? (
                        <Button aria-label={`Remove ${row.slug}`} onClick={() => void remove(row)}>
                          Remove
                        </Button>
                      ) : null}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        ) : (
          <Empty action={page.refused ? null : begin}>
            {page.refused ? "No results." : params.get("q") || kind ? "No such redirect." : "No redirects yet."}
          </Empty>
        )}
        {page.total > page.results.length || params.get("cursor") ? (
          <MorePages next={page.next} total={page.total} shown={page.results.length} noun="redirects" />
        ) : null}
      </Panel>
      <Dialog title="Add a redirect" open={adding} onClose={() => add(false)}>
        <Add onDone={() => add(false)} />
      </Dialog>
    </>
  );
}

const placeOf = ({ kind, to }: OldAddress): string =>
  ({ product: `/products/${to}`, category: `/categories/${to}`, collection: `/collections/${to}` })[kind];
