import { useState } from "react";
import { Button } from "../../ui/Button";
import { moved } from "../../ui/order";
import { Panel } from "../../ui/Panel";
import { ProductPicker } from "../../ui/ProductPicker";

import type { SectionProps } from "./section";

const MOST = 4; // stand beside it on its page

export function Related({ product, draft, set, errors, editable }: SectionProps) {
  const [names, know] = useState(() => Object.fromEntries(product.related_products.map((one) => [one.slug, one.name])));
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
          <ProductPicker
            label="Add a product"
            without={[product.slug, ...draft.related]}
            hint="The shop fills the rest, up to four."
            error={errors.related}
            onChoose={(one) => {
              if (!one) return;
              know({ ...names, [one.slug]: one.name });
              set({ related: [...draft.related, one.slug] });
            }}
          />
        )}
      </fieldset>
    </Panel>
  );
}
