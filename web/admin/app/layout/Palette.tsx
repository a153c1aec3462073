import { useEffect, useId, useState } from "react";
import { useNavigate } from "react-router";
import { orders, products } from "../api";
import { hasPermission } from "../session/session";
import { Dialog } from "../ui/Dialog";

type Entry = { to: string; label: string; hint: string };

/** Go anywhere by name; orders by number or customer, products by name. Places answer at once, the server a moment later. */
export function Palette({
  open,
  onClose,
  places,
}: {
  open: boolean;
  onClose: () => void;
  places: { to: string; label: string; key: string }[];
}) {
  return (
    <Dialog title="Search or run a command" open={open} onClose={onClose}>
      <Finder onClose={onClose} places={places} />
    </Dialog>
  );
}

function Finder({ onClose, places }: { onClose: () => void; places: { to: string; label: string; key: string }[] }) {
  const navigate = useNavigate();
  const list = useId();
  const [query, ask] = useState("");
  const [found, keep] = useState<Entry[]>([]);
  const [at, point] = useState(0);

  const wanted = query.trim();
  const local = places
    .filter(({ label }) => label.toLowerCase().includes(wanted.toLowerCase()))
    .map(({ to, label, key }) => ({ to, label, hint: `g ${key}` }));
  const entries = [...local, ...(wanted.length > 1 ? found : [])];

  useEffect(() => {
    if (wanted.length < 2) return;
    const stop = new AbortController();
    const timer = setTimeout(() => search(wanted, stop.signal).then(keep, () => undefined), 150);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [wanted]);

  const go = (entry: Entry | undefined) => {
    if (!entry) return;
    onClose();
    navigate(entry.to);
  };

  return (
    <>
      <input
        // biome-ignore lint/a11y/noAutofocus: the palette is opened to type into
        autoFocus
        role="combobox"
        aria-expanded={entries.length > 0}
        aria-controls={list}
        aria-activedescendant={entries[at] ? `${list}-${at}` : undefined}
        aria-label="Orders, products, places"
        value={query}
        onChange={(event) => {
          ask(event.target.value);
          point(0);
        }}
        onKeyDown={(event) => {
          const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
          if (step && entries.length) {
            event.preventDefault();
            point((at + step + entries.length) % entries.length);
          }
          if (event.key === "Enter") go(entries[at]);
        }}
        className="h-10 w-full rounded-admin border border-rule bg-paper px-3 text-base text-ink"
      />
      <div id={list} role="listbox" aria-label="Results" className="mt-3 max-h-80 overflow-y-auto">
        {entries.map((entry, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the keyboard drives the combobox above
          <div
            key={entry.to}
            id={`${list}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === at}
            onMouseMove={() => point(index)}
            onClick={() => go(entry)}
            className={`flex h-9 cursor-default items-center gap-3 rounded-admin px-3 ${index === at ? "bg-sunk" : ""}`}
          >
            {entry.label}
            <span className="ms-auto truncate text-xs text-ink-3">{entry.hint}</span>
          </div>
        ))}
      </div>
      {entries.length ? null : <p className="px-3 pt-1 text-ink-2">Nothing by that name.</p>}
    </>
  );
}

async function search(q: string, signal: AbortSignal): Promise<Entry[]> {
  const [foundOrders, foundProducts] = await Promise.all([
    hasPermission("orders.view") ? orders.list({ q, limit: "5" }, signal) : { results: [] },
    hasPermission("products.view") ? products.list({ q, limit: "5" }, signal) : { results: [] },
  ]);
  return [
    ...foundOrders.results.map((order) => ({
      to: `/orders/${order.number}`,
      label: order.number,
      hint: order.customer.name,
    })),
    ...foundProducts.results.map((product) => ({
      to: `/products/${product.slug}`,
      label: product.name,
      hint: product.is_sample ? "Sample" : "Product",
    })),
  ];
}
