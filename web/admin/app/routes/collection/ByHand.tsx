import { useId, useState } from "react";
import { Link } from "react-router";
import type { CollectionItem } from "../../catalogue";
import { Button } from "../../ui/Button";
import { TextField } from "../../ui/Field";
import { Handle, holdAgain } from "../../ui/Handle";
import { moved, placeBy } from "../../ui/order";
import { Panel } from "../../ui/Panel";
import { useProducts } from "../../ui/useProducts";

const MOST = 5000;

/** The products of a collection by hand, in the shop's order: dragged, or moved by the arrows on a row's handle. */
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
  const [drag, setDrag] = useState<{ from: number; over: number } | null>(null);
  const found = useProducts(asked);
  const list = useId();
  const others = found.filter(({ slug }) => !products.some((one) => one.slug === slug));

  function move(from: number, to: number | null) {
    const one = products[from];
    if (to === null || !one || from === to) return;
    set(moved(products, from, to));
    holdAgain(one.slug);
    tell(`${one.name} is number ${to + 1} of ${products.length}.`);
  }
  return (
    <Panel title="Products in order" aside={products.length || null}>
      {products.length ? (
        <ol className="max-h-[36rem] overflow-y-auto border-t border-line">
          {products.map(({ slug, name, status }, at) => (
            <li
              key={slug}
              draggable={editable}
              onDragStart={(event) => {
                event.dataTransfer.setData("text/plain", slug);
                event.dataTransfer.effectAllowed = "move";
                setDrag({ from: at, over: at });
              }}
              onDragOver={(event) => {
                if (!drag) return;
                event.preventDefault();
                if (drag.over !== at) setDrag({ ...drag, over: at });
              }}
              onDrop={(event) => {
                event.preventDefault();
                if (drag) move(drag.from, at);
                setDrag(null);
              }}
              onDragEnd={() => setDrag(null)}
              className={`flex items-center gap-2 border-b border-line px-2 py-1 last:border-b-0 ${
                drag?.over === at && drag.from !== at
                  ? drag.from < at
                    ? "shadow-[inset_0_-2px_0_var(--color-ink)]"
                    : "shadow-[inset_0_2px_0_var(--color-ink)]"
                  : ""
              }`}
            >
              {editable ? (
                <Handle
                  id={slug}
                  label={`Move ${name}`}
                  onMove={(key) => move(at, placeBy(key, at, products.length))}
                />
              ) : null}
              <span className="w-8 flex-none text-end text-xs text-ink-3 tabular-nums">{at + 1}</span>
              <span className="min-w-0 flex-1 truncate">
                <Link to={`/products/${slug}`} className="underline-offset-4 hover:underline">
                  {name}
                </Link>
                {status === "active" ? null : <span className="text-ink-3">, {status}</span>}
              </span>
              {editable ? (
                <Button aria-label={`Remove ${name}`} onClick={() => set(products.filter((one) => one.slug !== slug))}>
                  Remove
                </Button>
              ) : null}
            </li>
          ))}
        </ol>
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
            <p className="text-ink-2">Nothing else by that name.</p>
          ) : null}
        </div>
      ) : null}
      <p role="status" className="sr-only">
        {told}
      </p>
    </Panel>
  );
}
