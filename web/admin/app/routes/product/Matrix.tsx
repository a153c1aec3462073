import { Archive } from "lucide-react";
import { type ClipboardEvent, useState } from "react";
import { Link } from "react-router";
import { products } from "../../api";
import type { AdminVariant, Attribute } from "../../types";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { errorMessage } from "../../ui/error-message";
import { control } from "../../ui/Field";
import { Panel } from "../../ui/Panel";
import { useToast } from "../../ui/Toast";
import { cell, head } from "../../ui/table";
import { CELLS, type Draft, isFree, offered, pasted, type VariantDraft } from "./draft";
import { FactField } from "./Facts";
import type { Shown } from "./pictures";
import type { SectionProps } from "./section";

const COLUMNS: Record<(typeof CELLS)[number], { label: string; width: string; numeric: boolean }> = {
  price: { label: "Price", width: "min-w-20", numeric: true },
  compare_at: { label: "Compare at", width: "min-w-20", numeric: true },
  sku: { label: "SKU", width: "min-w-32", numeric: false },
  barcode: { label: "Barcode", width: "min-w-28", numeric: false },
  weight: { label: "Grams", width: "min-w-14", numeric: true },
  tax: { label: "Tax %", width: "min-w-12", numeric: true },
};

/** Every variant that is offered, a row each; a block copied from a sheet can be pasted into it. */
export function Matrix({
  product,
  draft,
  edit,
  errors,
  editable,
  definitions,
  pictures,
  dirty,
  onKept,
}: Omit<SectionProps, "set"> & {
  edit: (draft: Draft) => void;
  definitions: Attribute[];
  pictures: Shown[];
  dirty: boolean;
  onKept: () => Promise<void>;
}) {
  const [leaving, leave] = useState<AdminVariant | null>(null);
  const [busy, work] = useState(false);
  const say = useToast();
  const variants = offered(product);
  const archived = product.variants.filter((variant) => variant.archived_at);
  const skus = variants.map(({ sku }) => sku);
  const own = definitions.filter((one) => one.is_of_variant);
  // Without options nothing tells a variant apart: it is the product.
  const titleOf = ({ title }: AdminVariant) => title || product.name;
  const change = (sku: string, news: Partial<VariantDraft>) => {
    const before = draft.variants[sku];
    if (before) edit({ ...draft, variants: { ...draft.variants, [sku]: { ...before, ...news } } });
  };
  const paste = (event: ClipboardEvent, sku: string, name: (typeof CELLS)[number]) => {
    const text = event.clipboardData.getData("text/plain");
    if (!/[\t\n]/.test(text.trim())) return;
    event.preventDefault();
    edit(pasted(draft, skus, { sku, cell: name }, text));
  };

  async function keep(done: string, act: () => Promise<unknown>) {
    work(true);
    try {
      await act();
      say(done);
      await onKept();
    } catch (error) {
      say(errorMessage(error));
    } finally {
      work(false);
      leave(null);
    }
  }

  return (
    <Panel title="Variants" aside={variants.length > 1 ? "Paste a block from a sheet into any cell" : null}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways has to scroll by keys as well */}
      <section aria-label="Variants, a table" tabIndex={0} className="relative overflow-x-auto border-t border-line">
        <table className="w-full border-collapse">
          <thead>
            <tr>
              <th scope="col" className={`${head} sticky start-0 z-1 bg-raised`}>
                Variant
              </th>
              {CELLS.map((name) => (
                <th key={name} scope="col" className={head}>
                  {COLUMNS[name].label}
                </th>
              ))}
              {pictures.length > 1 ? (
                <th scope="col" className={head}>
                  Picture
                </th>
              ) : null}
              {own.map((one) => (
                <th key={one.name} scope="col" className={head}>
                  {one.label}
                </th>
              ))}
              {editable && variants.length > 1 ? (
                <th scope="col" className={head}>
                  <span className="sr-only">Archive</span>
                </th>
              ) : null}
            </tr>
          </thead>
          <tbody>
            {variants.map((variant) => {
              const { sku } = variant;
              const title = titleOf(variant);
              const typed = draft.variants[sku];
              if (!typed) return null;
              const id = encodeURIComponent(sku); // an id has no blanks
              return (
                <tr key={sku}>
                  <th
                    scope="row"
                    className={`${cell} sticky start-0 z-1 max-w-40 truncate bg-raised text-start font-normal`}
                  >
                    {title}
                    <Link
                      to={`/inventory/${encodeURIComponent(sku)}`}
                      aria-label={`${stock(variant)}: the stock of ${title}`}
                      className="block text-xs text-ink-2 underline underline-offset-4"
                    >
                      {stock(variant)}
                    </Link>
                  </th>
                  {CELLS.map((name) => {
                    const { label, width, numeric } = COLUMNS[name];
                    const problem = errors[`${sku}.${name}`];
                    return (
                      <td key={name} className={`${cell} px-1! align-top`}>
                        <input
                          aria-label={`${label} of ${title}${name.includes("pr") || name === "compare_at" ? `, ${variant.price.currency}` : ""}`}
                          aria-invalid={problem ? true : undefined}
                          aria-describedby={
                            problem
                              ? `${id}-${name}`
                              : name === "price" && isFree(typed.price)
                                ? `${id}-free`
                                : undefined
                          }
                          inputMode={numeric ? "decimal" : undefined}
                          disabled={!editable}
                          value={typed[name]}
                          maxLength={64}
                          onPaste={(event) => paste(event, sku, name)}
                          onChange={({ target }) => change(sku, { [name]: target.value })}
                          className={`${control} h-8.5 px-2! max-desk:h-11 ${width} ${numeric ? "text-end" : "font-mono text-xs"}`}
                        />
                        {problem ? (
                          <p id={`${id}-${name}`} className="max-w-40 pt-1 text-xs whitespace-normal text-danger">
                            {problem}
                          </p>
                        ) : name === "price" && isFree(typed.price) ? (
                          <p id={`${id}-free`} className="min-w-32 pt-1 text-xs whitespace-normal text-ink-2">
                            {draft.is_listed
                              ? "At 0 it can’t be bought."
                              : "A free sample: it can be added to an order, not bought."}
                          </p>
                        ) : null}
                      </td>
                    );
                  })}
                  {pictures.length > 1 ? (
                    <td className={`${cell} px-1! align-top`}>
                      <select
                        aria-label={`Picture of ${title}`}
                        disabled={!editable}
                        value={typed.image}
                        onChange={({ target }) => change(sku, { image: target.value })}
                        className={`${control} h-8.5 w-24! px-1.5! max-desk:h-11`}
                      >
                        <option value="">None</option>
                        {pictures.map(({ id, alt }, at) => (
                          <option key={id} value={id}>
                            {at + 1}. {alt || "Not described"}
                          </option>
                        ))}
                        {typed.image && !pictures.some(({ id }) => id === typed.image) ? (
                          <option value={typed.image}>Another</option>
                        ) : null}
                      </select>
                    </td>
                  ) : null}
                  {own.map((one) => (
                    <td key={one.name} className={`${cell} min-w-40 px-1! align-top`}>
                      <FactField
                        bare
                        definition={one}
                        label={`${one.label} of ${title}`}
                        value={typed.attributes[one.name] ?? ""}
                        change={(value) => change(sku, { attributes: { ...typed.attributes, [one.name]: value } })}
                        error={errors[`${sku}.attributes.${one.name}`]}
                      />
                    </td>
                  ))}
                  {editable && variants.length > 1 ? (
                    <td className={cell}>
                      <Button
                        aria-label={`Archive ${title}`}
                        disabled={dirty || busy}
                        title={dirty ? "Save the other changes first." : `Archive ${title}`}
                        className="px-2!"
                        onClick={() => leave(variant)}
                      >
                        <Archive aria-hidden="true" size={16} strokeWidth={1.5} />
                      </Button>
                    </td>
                  ) : null}
                </tr>
              );
            })}
          </tbody>
        </table>
      </section>
      {archived.length ? (
        <details className="border-t border-line">
          <summary className="cursor-pointer px-4 py-2.5 text-ink-2">{archived.length} no longer offered</summary>
          <ul className="grid gap-1.5 px-4 pb-3">
            {archived.map((variant) => (
              <li key={variant.sku} className="flex items-center gap-3">
                <span className="min-w-0 flex-1 truncate">
                  {titleOf(variant)} <span className="font-mono text-xs text-ink-3">{variant.sku}</span>
                </span>
                {editable && fits(variant, product.options) ? (
                  <Button
                    aria-label={`Offer ${titleOf(variant)} again`}
                    disabled={dirty || busy}
                    onClick={() =>
                      void keep(`${titleOf(variant)} is back on offer.`, () =>
                        products.addVariant(product.slug, {
                          sku: variant.sku,
                          price: variant.price,
                          options: variant.options,
                        }),
                      )
                    }
                  >
                    Offer again
                  </Button>
                ) : null}
              </li>
            ))}
          </ul>
        </details>
      ) : null}
      <Dialog title={leaving ? `Archive ${titleOf(leaving)}?` : ""} open={leaving !== null} onClose={() => leave(null)}>
        <p className="pb-4 text-ink-2">
          It is no longer offered. Orders and stock keep it, and it can be offered again.
          {leaving?.inventory.on_hand ? ` ${leaving.inventory.on_hand} are still on hand.` : ""}
        </p>
        <div className="flex justify-end gap-2">
          <Button onClick={() => leave(null)}>Cancel</Button>
          <Button
            kind="danger"
            busy={busy}
            onClick={() =>
              leaving && void keep(`${titleOf(leaving)} is archived.`, () => products.archiveVariant(leaving.sku))
            }
          >
            Archive {leaving ? titleOf(leaving) : ""}
          </Button>
        </div>
      </Dialog>
    </Panel>
  );
}

const stock = ({ inventory: { tracked, on_hand } }: AdminVariant) => (tracked ? `${on_hand} on hand` : "Not tracked");

const fits = (variant: AdminVariant, options: { name: string; values: string[] }[]) =>
  Object.keys(variant.options).length === options.length &&
  options.every(({ name, values }) => values.includes(variant.options[name] ?? ""));
