import type { Facet } from "@noirel/shared/api/types";
import { exponent, formatMoney, symbolOf } from "@noirel/shared/money";
import { Button } from "@noirel/shared/ui/button";
import { useHydrated } from "@noirel/shared/ui/hydrated";
import { Check, Close } from "@noirel/shared/ui/icons";
import { Sheet } from "@noirel/shared/ui/sheet";
import { type FormEvent, type RefObject, useContext, useEffect, useRef, useState } from "react";
import { Form, Link, useSearchParams, useSubmit } from "react-router";
import { ShopContext } from "../../layout/shop-context";

const SORTS = [
  ["", "The house’s order"],
  ["newest", "Newest"],
  ["best_selling", "Bestsellers"],
  ["price", "Price, low to high"],
  ["-price", "Price, high to low"],
] as const;
/** Query words that are not facets. */
const OTHERS = new Set(["sort", "page", "after", "q", "hour"]);
/** Values of a facet that are seen before the rest is asked for. */
const SEEN = 8;
/** Facets that stand open. */
const STAND_OPEN = 5;
/** The API narrows by one category at a time. */
const ONE_AT_A_TIME = "category";
const BADGES: Record<string, string> = { new: "New", best_seller: "Bestseller", sale: "Sale", low_stock: "Few left" };

type Chip = { key: string; label: string; without: string };

/** The shop's currency: of the prices on the page, else what it says of itself. */
function useCurrency(facets: Facet[]): string {
  const shop = useContext(ShopContext);
  return facets.find(({ min }) => min)?.min?.currency ?? shop?.currency ?? "INR";
}

/** What is on, each with the address that takes it off. What the list knows nothing of (`utm_source`) is no filter. */
function chipsOf(params: URLSearchParams, facets: Facet[], currency: string): Chip[] {
  const words = (name: string, value: string): string | null => {
    if (name === "min_price" || name === "max_price") {
      const amount = Math.round(Number(value) * 10 ** exponent(currency));
      return amount > 0 ? `${name === "min_price" ? "From" : "To"} ${formatMoney({ amount, currency })}` : null;
    }
    if (name === "in_stock") return "In stock";
    if (name === "badge") return BADGES[value] ?? null;
    const facet = facets.find((each) => each.name === name);
    return facet ? (facet.values.find((each) => each.value === value)?.label ?? value) : null;
  };
  const chips: Chip[] = [];
  for (const [name, value] of params) {
    const label = OTHERS.has(name) || value === "" ? null : words(name, value);
    if (label === null) continue;
    const rest = new URLSearchParams(
      [...params].filter(([other, its]) => other !== "page" && other !== "after" && !(other === name && its === value)),
    );
    chips.push({ key: `${name}=${value}`, label, without: `?${rest}` });
  }
  return chips;
}

/** The address without any filter: the query and the order stay. */
export function unfiltered(params: URLSearchParams): string {
  return `?${new URLSearchParams([...params].filter(([name]) => name === "sort" || name === "q"))}`;
}

/**
 * Whatever changed the address (a chip, back, another form), the form's fields say it again. They stay the same
 * elements: who ticks a box by the keyboard is still on it when the answer comes.
 */
function useInStep(form: RefObject<HTMLFormElement | null>, params: URLSearchParams): void {
  useEffect(() => {
    for (const field of form.current?.elements ?? []) {
      if (field instanceof HTMLSelectElement) field.value = params.get(field.name) ?? "";
      else if (!(field instanceof HTMLInputElement) || field.type === "hidden") continue;
      else if (field.type === "checkbox") field.checked = params.getAll(field.name).includes(field.value);
      else field.value = params.get(field.name) ?? "";
    }
  }, [form, params]);
}

/** Sends a form as an address without empty words. */
function useSend(): (form: HTMLFormElement) => void {
  const submit = useSubmit();
  return (form) => {
    const params = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (value !== "") params.append(name, String(value));
    submit(params, { method: "get", preventScrollReset: true });
  };
}

export function Chips({ facets }: { facets: Facet[] }) {
  const [params] = useSearchParams();
  const chips = chipsOf(params, facets, useCurrency(facets));
  if (chips.length === 0) return null;
  return (
    <ul className="flex flex-wrap items-center gap-2 text-sm" aria-label="Filters that are on">
      {chips.map(({ key, label, without }) => (
        <li key={key}>
          <Link
            to={without}
            preventScrollReset
            className="inline-flex min-h-9 max-w-full items-center gap-2 rounded-full border border-rule ps-3.5 pe-2.5 hover:border-ink max-desk:min-h-11"
          >
            <span className="min-w-0 break-words">{label}</span>
            <Close size={14} className="shrink-0" />
            <span className="sr-only">Remove</span>
          </Link>
        </li>
      ))}
      <li>
        <Link to={unfiltered(params)} preventScrollReset className="link ms-2">
          Clear all
        </Link>
      </li>
    </ul>
  );
}

type BoxProps = { name: string; value: string; label: string; count?: number; on: boolean };

function Box({ name, value, label, count, on }: BoxProps) {
  return (
    <label className="flex min-h-9 items-center gap-3 py-1.5 leading-[1.35] text-ink-2 hover:text-ink has-checked:text-ink max-desk:min-h-11">
      <span className="relative grid size-4 shrink-0 place-items-center">
        <input
          type="checkbox"
          name={name}
          value={value}
          defaultChecked={on}
          className="peer absolute inset-0 size-4 appearance-none rounded-control border border-rule bg-raised checked:border-ink checked:bg-ink"
        />
        <Check
          size={12}
          strokeWidth={2}
          className="pointer-events-none relative text-paper opacity-0 peer-checked:opacity-100"
        />
      </span>
      <span className="min-w-0 break-words first-letter:uppercase">{label}</span>
      {count !== undefined && <span className="numerals ms-auto text-ink-3">{count.toLocaleString("en-IN")}</span>}
    </label>
  );
}

/** One facet: folded away when it is one of many, and its many values behind the first few. Works without JavaScript. */
function Boxes({ facet, on, stands }: { facet: Facet; on: string[]; stands: boolean }) {
  // What is on keeps its box where the other filters leave nothing of it.
  const gone = on.filter((value) => facet.values.every((each) => each.value !== value));
  const values = [...facet.values, ...gone.map((value) => ({ value, label: value, count: 0 }))];
  // How it begins; from then on it is the visitor's to open and to close.
  const [open] = useState(stands || on.length > 0);
  const [all] = useState(values.slice(SEEN).some(({ value }) => on.includes(value)));
  const boxes = (some: Facet["values"]) =>
    some.map((value) => <Box key={value.value} name={facet.name} on={on.includes(value.value)} {...value} />);
  return (
    <details open={open} className="group">
      <summary className="flex min-h-9 items-center justify-between gap-3 font-medium max-desk:min-h-11">
        <span className="min-w-0 py-1.5 leading-[1.35] break-words">{facet.label}</span>
        <span aria-hidden="true" className="font-normal text-ink-3 group-open:hidden">
          +
        </span>
      </summary>
      <fieldset className="min-w-0">
        <legend className="sr-only">{facet.label}</legend>
        {boxes(values.slice(0, SEEN))}
        {values.length > SEEN && (
          <details open={all}>
            <summary className="flex min-h-9 items-center text-sm max-desk:min-h-11">
              <span className="link">{values.length - SEEN} more</span>
            </summary>
            {boxes(values.slice(SEEN))}
          </details>
        )}
      </fieldset>
    </details>
  );
}

function Prices({ facet, params, currency }: { facet: Facet; params: URLSearchParams; currency: string }) {
  return (
    <fieldset className="min-w-0">
      <legend className="mb-2 font-medium">{facet.label}</legend>
      <div className="grid grid-cols-2 gap-2">
        {(["min", "max"] as const).map((end) => (
          <label key={end} className="text-sm text-ink-2">
            {end === "min" ? "From" : "To"} ({symbolOf(currency)})
            <input
              name={`${end}_price`}
              inputMode="decimal"
              pattern="[0-9]*[.]?[0-9]*"
              autoComplete="off"
              enterKeyHint="go"
              defaultValue={params.get(`${end}_price`) ?? ""}
              className="numerals mt-1 min-h-11 w-full rounded-control border border-rule bg-raised px-3 text-[1rem] text-ink"
            />
          </label>
        ))}
      </div>
      {facet.min && facet.max && (
        <p className="numerals mt-2 text-sm text-ink-3">
          {formatMoney(facet.min)} to {formatMoney(facet.max)}
        </p>
      )}
    </fieldset>
  );
}

type FacetsProps = {
  facets: Facet[];
  /** A facet the page itself fixes. */
  fixed?: string;
};
type FormProps = FacetsProps & { button: string; onSent?: () => void; className?: string };

/** The filters as one GET form: with JavaScript each change is sent at once, without it the button sends them. */
function FilterForm({ facets, fixed, button, onSent, className }: FormProps) {
  const [params] = useSearchParams();
  const form = useRef<HTMLFormElement>(null);
  const send = useSend();
  const currency = useCurrency(facets);
  useInStep(form, params);
  const shown = facets.filter(
    ({ name, values, min }) => name !== fixed && (name === "price" ? min : values.length > 1 || params.has(name)),
  );
  const onChange = (event: FormEvent<HTMLFormElement>) => {
    const { target, currentTarget } = event;
    if (!(target instanceof HTMLInputElement) || target.type !== "checkbox") return;
    if (target.name === ONE_AT_A_TIME && target.checked) {
      for (const other of currentTarget.querySelectorAll<HTMLInputElement>(`[name="${ONE_AT_A_TIME}"]`))
        other.checked = other === target;
    }
    send(currentTarget);
  };
  return (
    <Form
      ref={form}
      method="get"
      onChange={onChange}
      onSubmit={(event) => {
        event.preventDefault();
        send(event.currentTarget);
        onSent?.();
      }}
      className={className}
      aria-label="Filters"
    >
      {["q", "sort", "badge"].map(
        (name) => params.get(name) && <input key={name} type="hidden" name={name} value={params.get(name) ?? ""} />,
      )}
      <div className="grid gap-5 text-[0.9375rem]">
        {shown.map((facet, index) =>
          facet.name === "price" ? (
            <Prices key={facet.name} facet={facet} params={params} currency={currency} />
          ) : (
            <Boxes
              key={facet.name}
              facet={facet}
              on={params.getAll(facet.name).filter((value) => value !== "")}
              stands={index < STAND_OPEN}
            />
          ),
        )}
        <Box name="in_stock" value="true" label="Only what is in stock" on={params.get("in_stock") === "true"} />
      </div>
      {onSent ? (
        <Button type="submit" className="mt-8 w-full">
          {button}
        </Button>
      ) : (
        <button type="submit" className="link mt-5 text-[0.9375rem]">
          {button}
        </button>
      )}
    </Form>
  );
}

/** The filters beside a list on a desk. */
export function FilterColumn(props: FacetsProps) {
  return <FilterForm {...props} button="Show" />;
}

/** The filters of a phone: a sheet, and the button that opens it. */
export function FilterSheet({ say, ...props }: FacetsProps & { /** "12 perfumes" */ say: string }) {
  const [params] = useSearchParams();
  const [open, setOpen] = useState(false);
  const hydrated = useHydrated();
  const on = chipsOf(params, props.facets, useCurrency(props.facets)).length;
  const label = <span className="link">Filter{on > 0 && ` (${on})`}</span>;
  // Until a script can open the sheet, the column of filters is shown in its place (`#filters` is the target).
  if (!hydrated) {
    return (
      <a href="#filters" className="inline-flex min-h-11 items-center text-[0.9375rem] desk:hidden">
        {label}
      </a>
    );
  }
  return (
    <>
      <button
        type="button"
        onClick={() => setOpen(true)}
        aria-haspopup="dialog"
        className="min-h-11 text-[0.9375rem] desk:hidden"
      >
        {label}
      </button>
      <Sheet open={open} onClose={() => setOpen(false)} title="Filter">
        {open && <FilterForm {...props} button={`Show ${say}`} onSent={() => setOpen(false)} />}
      </Sheet>
    </>
  );
}

export function Sort() {
  const [params] = useSearchParams();
  const form = useRef<HTMLFormElement>(null);
  const send = useSend();
  useInStep(form, params);
  return (
    <Form ref={form} method="get" className="flex min-w-0 items-center gap-3 text-[0.9375rem]">
      {[...params]
        .filter(([name]) => name !== "sort" && name !== "page" && name !== "after")
        .map(([name, value]) => (
          <input key={`${name}${value}`} type="hidden" name={name} value={value} />
        ))}
      <label className="flex min-w-0 items-center gap-2">
        <span className="text-ink-3 max-desk:sr-only">Sort</span>
        <select
          name="sort"
          defaultValue={params.get("sort") ?? ""}
          onChange={({ currentTarget }) => currentTarget.form && send(currentTarget.form)}
          className="min-h-11 min-w-0 bg-transparent pe-1 text-ink [&>option]:bg-raised"
        >
          {SORTS.map(([value, label]) => (
            <option key={value} value={value}>
              {value === "" && params.get("q") ? "Best match" : label}
            </option>
          ))}
        </select>
      </label>
      <noscript>
        <button type="submit" className="link">
          Sort
        </button>
      </noscript>
    </Form>
  );
}
