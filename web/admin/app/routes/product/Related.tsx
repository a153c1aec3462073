import { useId, useState } from "react";
import { Button } from "../../ui/Button";
import { TextField } from "../../ui/Field";
import { moved } from "../../ui/order";
import { Panel } from "../../ui/Panel";
import { useProducts } from "../../ui/useProducts";
import type { Part } from "./route";

const MOST = 4; // stand beside it on its page

export function Related({ product, draft, set, errors, editable }: Part) {
  const [names, know] = useState(() => Object.fromEntries(product.related_products.map((one) => [one.slug, one.name])));
  const [asked, ask] = useState("");
  const found = useProducts(asked);
  const list = useId();
  const others = found.filter(({ slug }) => slug !== product.slug && !draft.related.includes(slug));
  const full = draft.related.length >= MOST;
  return (
    <Panel title="Related products" aside={`${draft.related.length} of ${MOST} by hand`}>
      <fieldset disabled={!editable} className="grid gap-3 border-t border-line p-4">
        <legend className="sr-only">Related products</legend>
        <ol className="grid gap-1.5">
          {draft.related.map((slug, at) => (
            <li key={slug} className="flex items-center gap-1.5">
              <span className="min-w-0 flex-1 truncate">{names[slug] ?? slug}</span>
              <Button
                aria-label={`Move ${names[slug] ?? slug} earlier`}
                disabled={at === 0}
                onClick={() => set({ related: moved(draft.related, at, at - 1) })}
              >
                ↑
              </Button>
              <Button
                aria-label={`Move ${names[slug] ?? slug} later`}
                disabled={at === draft.related.length - 1}
                onClick={() => set({ related: moved(draft.related, at, at + 1) })}
              >
                ↓
              </Button>
              <Button
                aria-label={`Remove ${names[slug] ?? slug}`}
                onClick={() => set({ related: draft.related.filter((one) => one !== slug) })}
              >
                Remove
              </Button>
            </li>
          ))}
        </ol>
        {full ? null : (
          <TextField
            label="Add a product"
            type="search"
            value={asked}
            autoComplete="off"
            aria-controls={list}
            hint="The shop fills the rest, up to four."
            onChange={({ target }) => ask(target.value)}
            onKeyDown={(event) => event.key === "Enter" && event.preventDefault()}
            error={errors.related}
          />
        )}
        <ul id={list} aria-live="polite" className="grid gap-1">
          {full
            ? null
            : others.map(({ slug, name }) => (
                <li key={slug}>
                  <Button
                    className="w-full justify-start!"
                    onClick={() => {
                      know({ ...names, [slug]: name });
                      set({ related: [...draft.related, slug] });
                      ask("");
                    }}
                  >
                    {name} <span className="font-mono text-xs font-normal text-ink-3">{slug}</span>
                  </Button>
                </li>
              ))}
        </ul>
        {asked.trim() && found.length && !others.length ? (
          <p className="text-ink-2">No other product by that name.</p>
        ) : null}
      </fieldset>
    </Panel>
  );
}
