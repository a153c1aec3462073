import { useState } from "react";
import type { CollectionItem } from "../../catalogue";
import { moved } from "../../ui/order";
import { Panel } from "../../ui/Panel";
import { ProductPicker } from "../../ui/ProductPicker";
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
  const [told, tell] = useState("");

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
        <div className="border-t border-line p-4">
          <ProductPicker
            label="Add a product"
            without={products.map(({ slug }) => slug)}
            onChoose={(one) => one && set([...products, { slug: one.slug, name: one.name, status: "active" }])}
          />
        </div>
      ) : null}
      <p role="status" className="sr-only">
        {told}
      </p>
    </Panel>
  );
}
