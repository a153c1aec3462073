import { useEffect, useRef, useState } from "react";
import { Link, type LoaderFunctionArgs, useLoaderData } from "react-router";
import type { Page } from "../../api";
import { type AttributeCard, attributes, NEW } from "../../catalogue";
import { hasPermission } from "../../session/session";
import { ButtonLink } from "../../ui/Button";
import { errorMessage } from "../../ui/error-message";
import { Handle, holdAgain } from "../../ui/Handle";
import { moved, placeBy } from "../../ui/order";
import { Empty, PageTitle, Panel } from "../../ui/Panel";
import { useToast } from "../../ui/Toast";
import { cell, head, nameCell } from "../../ui/table";
import { useTitle } from "../../ui/useTitle";
import { doesOf, TYPES } from "./words";

export const loader = ({ request }: LoaderFunctionArgs): Promise<Page<AttributeCard>> =>
  attributes.list(request.signal);

export function Component() {
  const { results } = useLoaderData<Page<AttributeCard>>();
  const [rows, show] = useState(results);
  const [dragged, drag] = useState<string | null>(null);
  const turn = useRef(Promise.resolve());
  const say = useToast();
  useTitle("Attributes");
  useEffect(() => show(results), [results]);
  const editable = hasPermission("products.edit");

  function order(next: AttributeCard[], label: string, name: string) {
    if (next === rows) return;
    const before = rows;
    show(next);
    holdAgain(name);
    // One after the other: each order is of all of them.
    turn.current = turn.current.then(async () => {
      try {
        await attributes.order(next.map((one) => one.name));
        say(`${label} is number ${next.findIndex((one) => one.name === name) + 1} of ${next.length}.`);
      } catch (error) {
        show(before);
        say(`${label} stayed where it was. ${errorMessage(error)}`);
      }
    });
  }
  const at = (name: string) => rows.findIndex((one) => one.name === name);

  const begin = editable ? <ButtonLink to={`/attributes/${NEW}`}>New attribute</ButtonLink> : null;
  return (
    <>
      <PageTitle aside={begin}>Attributes</PageTitle>
      <p className="pb-3 text-ink-2">
        The facts this shop shows about its products. This is their order in filters, on product pages and in the editor
        {editable ? ": drag a row, or focus its handle and use the arrow keys" : ""}.
      </p>
      <Panel>
        {rows.length ? (
          <div className="overflow-x-auto">
            <table className="w-full border-collapse">
              <thead>
                <tr>
                  <th scope="col" className={head}>
                    Attribute
                  </th>
                  <th scope="col" className={`${head} max-desk:hidden`}>
                    Name in addresses
                  </th>
                  <th scope="col" className={head}>
                    Type
                  </th>
                  <th scope="col" className={`${head} max-desk:hidden`}>
                    Is
                  </th>
                </tr>
              </thead>
              <tbody>
                {rows.map((row) => (
                  <tr
                    key={row.name}
                    draggable={editable}
                    onDragStart={(event) => {
                      event.dataTransfer.setData("text/plain", row.name);
                      event.dataTransfer.effectAllowed = "move";
                      drag(row.name);
                    }}
                    onDragEnd={() => drag(null)}
                    onDragOver={(event) => dragged && event.preventDefault()}
                    onDrop={(event) => {
                      event.preventDefault();
                      const one = rows.find(({ name }) => name === dragged);
                      if (one) order(moved(rows, at(one.name), at(row.name)), one.label, one.name);
                      drag(null);
                    }}
                    className={`hover:bg-sunk ${dragged === row.name ? "opacity-50" : ""}`}
                  >
                    <th scope="row" className={`${nameCell} w-2/5`}>
                      <span className="flex items-center gap-1">
                        {editable ? (
                          <Handle
                            id={row.name}
                            label={`Move ${row.label}`}
                            onMove={(key) => {
                              const to = placeBy(key, at(row.name), rows.length);
                              if (to !== null) order(moved(rows, at(row.name), to), row.label, row.name);
                            }}
                          />
                        ) : null}
                        <Link
                          to={`/attributes/${row.name}`}
                          draggable={false}
                          className="inline-flex min-h-7 items-center font-medium underline-offset-4 hover:underline"
                        >
                          {row.label}
                        </Link>
                      </span>
                    </th>
                    <td className={`${cell} font-mono text-xs text-ink-3 max-desk:hidden`}>{row.name}</td>
                    <td className={cell}>{TYPES[row.type].label}</td>
                    <td className={`${cell} text-ink-2 max-desk:hidden`}>{doesOf(row)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        ) : (
          <Empty action={begin}>No attributes yet.</Empty>
        )}
      </Panel>
    </>
  );
}
