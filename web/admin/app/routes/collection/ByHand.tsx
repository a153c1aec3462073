import { useId, useState } from "react";
import type { CollectionItem } from "../../catalogue";
import { Button } from "../../ui/Button";
import { TextField } from "../../ui/Field";
import { moved } from "../../ui/order";
import { Panel } from "../../ui/Panel";
import { useProducts } from "../../ui/useProducts";
import { Rows } from "./Rows";

const MOST = 5000;

/** The products of a collection by hand, in the shop's order: dragged by a row's handle, moved by its arrows, or by their number. */
export function ByHand({
  products,
  set,
  error,
  editable,
}: {
  products: CollectionItem[];
  set: (products: CollectionItem[]) => void;
  error: string | undefined;
  editable: boolean;
}) {
  const [asked, ask] = useState("");
  const [told, tell] = useState("");
  const found = useProducts(asked);
  const list = useId();
  const others = found.filter(({ slug }) => !products.some((one) => one.slug === slug));

  function move(from: number, to: number) {
    const one = products[from];
    if (!one) return;
    set(moved(products, from, to));
    tell(`${one.name} is number ${to + 1} of ${products.length}.`);
  }
  return (
    <Panel title="Products in order" aside={products.length || null}>
      {products.length ? (
        <Rows
          products={products}
          onMove={move}
          onRemove={(slug) => set(products.filter((one) => one.slug !== slug))}
          editable={editable}
        />
      ) : (
        <p className="border-t border-line px-4 py-3 text-ink-2">None yet.</p>
      )}
      {error ? (
        <p role="alert" className="px-4 py-2 text-danger">
          {error}
        </p>
      ) : null}
      {editable && products.length < MOST ? (
        <div className="grid gap-2 border-t border-line p-4">
          <TextField
            label="Add a product"
            type="search"
            value={asked}
            autoComplete="off"
            aria-controls={list}
            onChange={({ target }) => ask(target.value)}
            onKeyDown={(event) => event.key === "Enter" && event.preventDefault()}
          />
          <ul id={list} className="grid gap-1">
            {others.map(({ slug, name }) => (
              <li key={slug}>
                <Button
                  className="w-full justify-start!"
                  onClick={() => {
                    set([...products, { slug, name, status: "active" }]);
                    ask("");
                  }}
                >
                  <span className="truncate">{name}</span>
                  <span className="truncate font-mono text-xs font-normal text-ink-3">{slug}</span>
                </Button>
              </li>
            ))}
          </ul>
          {asked.trim() && found.length && !others.length ? (
            <p className="text-ink-2">No other product by that name.</p>
          ) : null}
        </div>
      ) : null}
      <p role="status" className="sr-only">
        {told}
      </p>
    </Panel>
  );
}
