import { Link, type LoaderFunctionArgs, useLoaderData, useSearchParams } from "react-router";
import type { Page } from "../../api";
import { type CollectionCard, collections } from "../../catalogue";
import { hasPermission } from "../../session/session";
import { ButtonLink } from "../../ui/Button";
import { Empty, PageTitle, Panel } from "../../ui/Panel";
import { SearchField } from "../../ui/SearchField";
import { cell, head, nameCell, wrappingCell } from "../../ui/table";
import { useTitle } from "../../ui/useTitle";

export const loader = ({ request }: LoaderFunctionArgs): Promise<Page<CollectionCard>> =>
  collections.list(request.signal);

export function Component() {
  const { results } = useLoaderData<Page<CollectionCard>>();
  const [params] = useSearchParams();
  useTitle("Collections");
  const asked = (params.get("q") ?? "").trim().toLowerCase();
  const rows = results.filter(({ name, slug }) => name.toLowerCase().includes(asked) || slug.includes(asked));
  const begin = hasPermission("products.edit") ? <ButtonLink to="/collections/~new">New collection</ButtonLink> : null;
  return (
    <>
      <PageTitle aside={begin}>Collections</PageTitle>
      {results.length ? (
        <div className="flex items-center gap-4 pb-3">
          <SearchField label="Find a collection" />
          <p role="status" className="text-ink-2">
            {asked ? `${rows.length} of ${results.length}` : results.length}
          </p>
        </div>
      ) : null}
      <Panel>
        {rows.length ? (
          <div className="overflow-x-auto">
            <table className="w-full border-collapse text-start">
              <thead>
                <tr>
                  <th scope="col" className={`${head} text-start`}>
                    Collection
                  </th>
                  <th scope="col" className={`${head} text-start max-desk:hidden`}>
                    Address
                  </th>
                  <th scope="col" className={`${head} text-start`}>
                    Filled
                  </th>
                  <th scope="col" className={`${head} text-end!`}>
                    Products
                  </th>
                </tr>
              </thead>
              <tbody>
                {rows.map(({ slug, name, is_ruled, product_count }) => (
                  <tr key={slug} className="hover:bg-sunk">
                    <th scope="row" className={`${nameCell} font-medium!`}>
                      <Link
                        to={`/collections/${slug}`}
                        className="inline-flex min-h-6 items-center break-words underline-offset-4 hover:underline"
                      >
                        {name}
                      </Link>
                    </th>
                    <td className={`${wrappingCell} font-mono text-xs text-ink-2 max-desk:hidden`}>
                      /collections/{slug}
                    </td>
                    <td className={`${cell} text-ink-2`}>{is_ruled ? "By rule" : "By hand"}</td>
                    <td className={`${cell} text-end tabular-nums`}>{product_count}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        ) : results.length ? (
          <Empty>No collection by that name.</Empty>
        ) : (
          <Empty action={begin}>No collection yet.</Empty>
        )}
      </Panel>
    </>
  );
}
