import type { Product, Variant } from "@noirel/shared/api/types";
import { formatMoney } from "@noirel/shared/money";
import { hourOf } from "@noirel/shared/ui/plate";
import { isSoldSeparately, NOT_SOLD_SEPARATELY } from "../../parts/purchasable";

/** How tall a flacon of so many millilitres stands beside the others, in CSS pixels (as on the shelf: 36, 58, 72). */
function tall(title: string): number | null {
  const millilitres = Number(title.match(/^(\d+)\s*ml$/i)?.[1]);
  return millilitres ? Math.round(72 * (millilitres / 100) ** 0.3) : null;
}

function Silhouette({ height }: { height: number }) {
  return (
    <svg
      height={height}
      viewBox="30 10 260 536"
      className="w-auto overflow-visible fill-none stroke-current"
      aria-hidden="true"
    >
      <circle cx="160" cy="100" r="84" vectorEffect="non-scaling-stroke" />
      <rect x="34" y="202" width="252" height="340" rx="24" vectorEffect="non-scaling-stroke" />
      <path d="M34 300H286" vectorEffect="non-scaling-stroke" />
      <path d="M128 186h64v16h-64z" className="fill-current" stroke="none" />
    </svg>
  );
}

const CARD =
  "relative grid content-end justify-items-center rounded-control border border-rule px-2 py-3 text-center text-sm leading-[1.35] transition-colors duration-(--t-tap) hover:border-ink-2 has-checked:border-ink has-checked:bg-raised has-checked:inset-ring has-checked:inset-ring-ink has-focus-visible:outline-2 has-focus-visible:outline-offset-3 has-focus-visible:outline-ink";
/** The radio itself covers its card unseen: what is pressed is the real thing. */
const RADIO =
  "absolute inset-0 size-full cursor-pointer appearance-none focus-visible:shadow-none focus-visible:outline-none";

function priceWords(variant: Variant): string {
  if (!isSoldSeparately(variant)) return NOT_SOLD_SEPARATELY;
  return variant.availability.in_stock ? formatMoney(variant.price) : "Sold out";
}

/** Why a value can't be had together with the other chosen values. */
function missingWords(made: Variant | undefined): string {
  if (!made) return "not made";
  return isSoldSeparately(made) ? "sold out" : "not sold on its own";
}

type OptionsProps = { product: Product; chosen: Variant | undefined; choose: (name: string, value: string) => void };

export function Options({ product, chosen, choose }: OptionsProps) {
  const [only] = product.options;
  if (product.variants.length < 2 || !only) return null;

  if (product.options.length === 1) {
    // The house's own flacons: what else is sold by the millilitre has another shape, and may not be refilled.
    const drawn = hourOf(product.attributes) !== null && product.variants.every(({ title }) => tall(title));
    return (
      <fieldset className="mt-7">
        <legend className="mb-2.5 flex w-full justify-between text-sm">
          {only.label}
          {drawn && <span className="text-ink-3">Refillable flacon</span>}
        </legend>
        <div className={`grid gap-2 ${drawn ? "grid-cols-3" : "grid-cols-[repeat(auto-fill,minmax(6.5rem,1fr))]"}`}>
          {product.variants.map((variant) => (
            <label key={variant.sku} className={`${CARD} ${drawn ? "min-h-36 gap-2" : "min-h-16 gap-0.5"}`}>
              <input
                type="radio"
                name="sku"
                value={variant.sku}
                checked={variant.sku === chosen?.sku}
                onChange={() => choose(only.name, variant.options[only.name] ?? "")}
                className={RADIO}
              />
              {drawn && <Silhouette height={tall(variant.title) ?? 58} />}
              <span>
                <b className="numerals block text-[0.9375rem] font-medium">{variant.title}</b>
                <span className="numerals text-ink-2">{priceWords(variant)}</span>
              </span>
            </label>
          ))}
        </div>
      </fieldset>
    );
  }

  return (
    <>
      {/* Without JavaScript the whole combination is one list; with it, each option is a row of its own. */}
      <noscript>
        <select name="sku" aria-label="Version" className="mt-7 min-h-12 w-full border border-rule bg-raised px-3">
          {product.variants.map(({ sku, title }) => (
            <option key={sku} value={sku}>
              {title}
            </option>
          ))}
        </select>
      </noscript>
      <input type="hidden" name="sku" value={chosen?.sku ?? ""} />
      {product.options.map(({ name, label, values }) => (
        <fieldset key={name} className="mt-7">
          <legend className="mb-2.5 flex w-full gap-2 text-sm">
            {label}
            <span className="text-ink-3">{chosen?.options[name]}</span>
          </legend>
          <div className="flex flex-wrap gap-2">
            {values.map((value) => {
              const made = product.variants.find(
                ({ options }) =>
                  options[name] === value &&
                  product.options.every(
                    (other) => other.name === name || options[other.name] === chosen?.options[other.name],
                  ),
              );
              const there = made?.availability.in_stock ?? false;
              const on = chosen?.options[name] === value;
              // What is chosen is drawn as chosen; that it cannot be had is what the button says.
              const out = !there && !on;
              return (
                <label
                  key={value}
                  className={`${CARD} min-h-11 min-w-14 max-w-full px-4 ${out ? "border-dashed text-ink-3" : ""}`}
                >
                  <input
                    type="radio"
                    name={`option-${name}`}
                    value={value}
                    checked={on}
                    onChange={() => choose(name, value)}
                    className={RADIO}
                  />
                  <span className="min-w-0 break-words">
                    {out ? <s>{value}</s> : value}
                    {!there && <span className="sr-only">, {missingWords(made)} with the rest of your choice</span>}
                  </span>
                </label>
              );
            })}
          </div>
        </fieldset>
      ))}
    </>
  );
}
