import { type KeyboardEvent, type ReactNode, useId, useRef, useState } from "react";
import { TextField } from "./Field";
import { type Named, useProducts } from "./useProducts";

/**
 * Finds a product by what is typed: a combobox with a listbox (ARIA Authoring Practices). The arrows go through the results, Enter
 * takes one, Escape closes the list and then empties the field. The focus stays in the field. With `chosen` the field shows what was
 * taken until something else is typed; without it, it is empty again for the next one.
 */
export function ProductPicker({
  label,
  name,
  hint,
  error,
  without = [],
  chosen = null,
  onChoose,
}: {
  label: string;
  name?: string;
  hint?: ReactNode;
  error?: string | undefined;
  /** Slugs that are not offered: what is there already. */
  without?: readonly string[];
  chosen?: Named | null;
  onChoose: (product: Named | null) => void;
}) {
  const [typed, type] = useState("");
  const [at, point] = useState(-1);
  const [isClosed, close] = useState(false);
  const list = useId();
  const field = useRef<HTMLDivElement>(null);
  const { answer, hasFailed } = useProducts(chosen ? "" : typed);
  const offered = (answer ?? []).filter(({ slug }) => !without.includes(slug));
  const isOpen = !isClosed && offered.length > 0;
  const active = isOpen ? offered[at] : undefined;

  function take(product: Named) {
    onChoose(product);
    type("");
    point(-1);
    field.current?.querySelector("input")?.focus();
  }

  function onKeyDown(event: KeyboardEvent<HTMLInputElement>) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && offered.length) {
      event.preventDefault();
      close(false);
      const from = isOpen ? at : -1;
      point(from < 0 ? (step > 0 ? 0 : offered.length - 1) : (from + step + offered.length) % offered.length);
    } else if (event.key === "Enter" && (active || typed.trim())) {
      event.preventDefault(); // which would send the form around it
      const only = offered.length === 1 ? offered[0] : undefined;
      if (active ?? only) take((active ?? only) as Named);
    } else if (event.key === "Escape" && typed) {
      event.preventDefault();
      event.stopPropagation();
      if (isOpen) close(true);
      else type("");
      point(-1);
    }
  }

  return (
    <div ref={field} className="grid gap-1">
      <TextField
        label={label}
        name={name}
        role="combobox"
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        aria-autocomplete="list"
        aria-expanded={isOpen}
        aria-controls={list}
        aria-activedescendant={active ? `${list}-${at}` : undefined}
        value={chosen ? chosen.name : typed}
        hint={hint}
        error={error}
        onChange={({ target }) => {
          if (chosen) onChoose(null);
          type(target.value);
          point(-1);
          close(false);
        }}
        onKeyDown={onKeyDown}
      />
      <div id={list} role="listbox" aria-label="Matches" className="grid empty:hidden">
        {isOpen
          ? offered.map((product, index) => (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the combobox's
              <div
                key={product.slug}
                id={`${list}-${index}`}
                role="option"
                tabIndex={-1}
                aria-selected={index === at}
                onMouseDown={(event) => event.preventDefault()} // the focus stays in the field
                onMouseMove={() => point(index)}
                onClick={() => take(product)}
                className={`flex min-h-8.5 cursor-default flex-wrap items-center gap-x-2 rounded-admin px-2.5 py-1 wrap-anywhere max-desk:min-h-11 ${
                  index === at ? "bg-sunk" : ""
                }`}
              >
                {product.name} <span className="font-mono text-xs text-ink-3">{product.slug}</span>
              </div>
            ))
          : null}
      </div>
      <p role="status" className={answer && !offered.length && !chosen ? "text-ink-2" : "sr-only"}>
        {chosen || !typed.trim()
          ? ""
          : hasFailed
            ? "The shop did not answer. Type again to try once more."
            : answer === null
              ? ""
              : offered.length
                ? `${offered.length} ${offered.length === 1 ? "product" : "products"} found. Use the arrow keys.`
                : answer.length
                  ? "It is here already."
                  : "No product matches."}
      </p>
    </div>
  );
}
