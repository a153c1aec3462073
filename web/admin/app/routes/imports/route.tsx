import { Link, type LoaderFunctionArgs, useLoaderData } from "react-router";
import { exports, imports, type Page, shop } from "../../api";
import type { Export, Import } from "../../types";
import { ListNotice, readPage } from "../../ui/listing";
import { MorePages } from "../../ui/MorePages";
import { Empty, PageTitle, Panel } from "../../ui/Panel";
import { Status } from "../../ui/Status";
import { cell, head } from "../../ui/table";
import { when } from "../../ui/time";
import { useRefresh } from "../../ui/useRefresh";
import { useTitle } from "../../ui/useTitle";
import { ExportForm } from "./ExportForm";
import { ImportForm } from "./ImportForm";
import { doing, isOpen, outcome, toneOf } from "./words";

type Data = { brought: Page<Import>; taken: Page<Export>; currencies: string[] };

export async function loader({ request }: LoaderFunctionArgs): Promise<Data> {
  const cursor = new URL(request.url).searchParams.get("cursor") ?? undefined;
  const [brought, taken, { currencies }] = await Promise.all([
    readPage({ limit: "20", cursor }, (query) => imports.list(query, request.signal)),
    exports.list({ limit: "10" }, request.signal),
    shop.get(request.signal),
  ]);
  return { brought, taken, currencies };
}

export function Component() {
  const { brought, taken, currencies } = useLoaderData<Data>();
  useTitle("Import and export");
  useRefresh([...brought.results, ...taken.results].some(isOpen), 1500);
  return (
    <>
      <PageTitle>Import and export</PageTitle>
      <div className="grid items-start gap-4 wide:grid-cols-[minmax(0,1fr)_min(24rem,45%)]">
        <div className="grid gap-4 wide:order-last">
          <ImportForm currencies={currencies} />
          <ExportForm jobs={taken.results} currencies={currencies} />
        </div>
        <Panel title="Imports">
          <ListNotice list={brought} />
          {brought.results.length ? (
            <>
              <div className="overflow-x-auto">
                <table className="w-full border-collapse">
                  <thead>
                    <tr>
                      <th scope="col" className={head}>
                        File
                      </th>
                      <th scope="col" className={head}>
                        State
                      </th>
                      <th scope="col" className={`${head} max-desk:hidden`}>
                        Products
                      </th>
                      <th scope="col" className={`${head} max-desk:hidden`}>
                        Started
                      </th>
                    </tr>
                  </thead>
                  <tbody>
                    {brought.results.map((job) => (
                      <tr key={job.id}>
                        <td className={`${cell} max-w-64 truncate`}>
                          <Link
                            to={`/imports/${job.id}`}
                            className="inline-flex items-center underline underline-offset-4 max-desk:min-h-11"
                          >
                            {job.file.name}
                          </Link>
                          {job.dry_run ? <span className="text-ink-2"> (dry run)</span> : null}
                        </td>
                        <td className={cell}>
                          <Status tone={toneOf(job)}>{doing(job)}</Status>
                        </td>
                        <td className={`${cell} max-desk:hidden`}>{outcome(job)}</td>
                        <td className={`${cell} text-ink-2 max-desk:hidden`}>{when(job.created_at)}</td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
              <MorePages
                next={brought.next}
                total={brought.total}
                shown={brought.results.length}
                noun={brought.total === 1 ? "import" : "imports"}
              />
            </>
          ) : (
            <Empty>Nothing has been imported yet.</Empty>
          )}
        </Panel>
      </div>
    </>
  );
}
