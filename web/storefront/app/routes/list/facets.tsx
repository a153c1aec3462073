import type { Facet } from "@noirel/shared/api/types";
import { formatMoney } from "@noirel/shared/money";
import { Button } from "@noirel/shared/ui/button";
import { Check, Close } from "@noirel/shared/ui/icons";
import { Sheet } from "@noirel/shared/ui/sheet";
import { type FormEvent, useEffect, useState } from "react";
import { Form, Link, useSearchParams, useSubmit } from "react-router";

const SORTS = [
  ["", "The house’s order"],
  ["newest", "Newest"],
  ["best_selling", "Bestsellers"],
  ["price", "Price, low to high"],
  ["-price", "Price, high to low"],
] as const;
/** Query words that are not facets. */
const OTHERS = new Set(["sort", "page", "q", "hour"]);

type Chip = { key: string; label: string; without: string };

/** What is on, each with the address that takes it off. */
function chipsOf(params: URLSearchParams, facets: Facet[]): Chip[] {
  const chips: Chip[] = [];
  for (const [name, value] of params) {
    if (OTHERS.has(name) || value === "") continue;
    const facet = facets.find((each) => each.name === name);
    const label =
      name === "min_price"
        ? `From ₹${value}`
        : name === "max_price"
          ? `To ₹${value}`
          : name === "in_stock"
            ? "In stock"
            : (facet?.values.find((each) => each.value === value)?.label ?? value);
    const rest = new URLSearchParams(
      [...params].filter(([other, its]) => other !== "page" && !(other === name && its === value)),
    );
    chips.push({ key: `${name}=${value}`, label, without: `?${rest}` });
  }
  return chips;
}

export function Chips({ facets }: { facets: Facet[] }) {
  const [params] = useSearchParams();
  const chips = chipsOf(params, facets);
  if (chips.length === 0) return null;
  const kept = new URLSearchParams([...params].filter(([name]) => name === "sort" || name === "q"));
  return (
    <ul className="flex flex-wrap items-center gap-2 text-sm" aria-label="Filters that are on">
      {chips.map(({ key, label, without }) => (
        <li key={key}>
          <Link
            to={without}
            preventScrollReset
            className="inline-flex min-h-9 items-center gap-2 rounded-full border border-rule ps-3.5 pe-2.5 hover:border-ink max-desk:min-h-11"
          >
            {label}
            <Close size={14} />
            <span className="sr-only">Remove</span>
          </Link>
        </li>
      ))}
      <li>
        <Link to={`?${kept}`} preventScrollReset className="link ms-2">
          Clear all
        </Link>
      </li>
    </ul>
  );
}

function Boxes({ facet, on }: { facet: Facet; on: string[] }) {
  return (
    <fieldset>
      <legend className="mb-2 font-medium">{facet.label}</legend>
      {facet.values.map(({ value, label, count }) => (
        <label
          key={value}
          className="flex min-h-9 items-center gap-3 text-ink-2 hover:text-ink has-checked:text-ink max-desk:min-h-11"
        >
          <span className="relative grid size-4 shrink-0 place-items-center">
            <input
              type="checkbox"
              name={facet.name}
              value={value}
              defaultChecked={on.includes(value)}
              className="peer absolute inset-0 size-4 appearance-none rounded-control border border-rule bg-raised checked:border-ink checked:bg-ink"
            />
            <Check
              size={12}
              strokeWidth={2}
              className="pointer-events-none relative text-paper opacity-0 peer-checked:opacity-100"
            />
          </span>
          {label}
          <span className="numerals ms-auto text-ink-3">{count}</span>
        </label>
      ))}
    </fieldset>
  );
}

type FacetsProps = { facets: Facet[]; total: number /** A facet the page itself fixes. */; fixed?: string };

/** The filters as one GET form: with JavaScript each change is sent at once, without it the button sends them. */
export function Facets({ facets, total, fixed }: FacetsProps) {
  const [params] = useSearchParams();
  const submit = useSubmit();
  const [open, setOpen] = useState(false);
  const [live, setLive] = useState(false);
  useEffect(() => setLive(true), []);

  const send = (form: HTMLFormElement) => {
    const wanted = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (value !== "") wanted.append(name, String(value));
    submit(wanted, { method: "get", preventScrollReset: true });
  };
  const on = chipsOf(params, facets).length;
  const shown = facets.filter(
    ({ name, values, min }) =>
      name !== fixed && (values.length > 1 || (values.length === 1 && params.has(name)) || (min && name === "price")),
  );

  const fields = (
    <div className="grid gap-8 text-[0.9375rem]">
      {shown.map((facet) =>
        facet.name === "price" ? (
          <fieldset key={facet.name}>
            <legend className="mb-2 font-medium">{facet.label}</legend>
            <div className="grid grid-cols-2 gap-2">
              {(["min", "max"] as const).map((end) => (
                <label key={end} className="text-sm text-ink-2">
                  {end === "min" ? "From" : "To"} (₹)
                  <input
                    name={`${end}_price`}
                    inputMode="numeric"
                    pattern="[0-9]*"
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
        ) : (
          <Boxes key={facet.name} facet={facet} on={params.getAll(facet.name)} />
        ),
      )}
      <label className="flex min-h-9 items-center gap-3 text-ink-2 max-desk:min-h-11">
        <input
          type="checkbox"
          name="in_stock"
          value="true"
          defaultChecked={params.get("in_stock") === "true"}
          className="size-4 appearance-none rounded-control border border-rule bg-raised checked:border-5 checked:border-ink"
        />
        Only what is in stock
      </label>
    </div>
  );

  const hidden = (
    <>
      {params.get("q") !== null && <input type="hidden" name="q" value={params.get("q") ?? ""} />}
      {params.get("sort") && <input type="hidden" name="sort" value={params.get("sort") ?? ""} />}
    </>
  );
  const onChange = (event: FormEvent<HTMLFormElement>) => {
    const { target } = event;
    if (target instanceof HTMLInputElement && target.type === "checkbox") send(event.currentTarget);
  };

  return (
    <>
      <button
        type="button"
        onClick={() => setOpen(true)}
        aria-haspopup="dialog"
        className="link min-h-11 text-[0.9375rem] desk:hidden"
      >
        Filter{on > 0 && ` (${on})`}
      </button>
      <Form
        key={params.toString()}
        method="get"
        onChange={onChange}
        onSubmit={(event) => {
          event.preventDefault();
          send(event.currentTarget);
        }}
        className="max-desk:hidden"
        aria-label="Filters"
      >
        {hidden}
        {fields}
        <button
          type="submit"
          className={`mt-6 link text-[0.9375rem] ${live && !shown.some(({ name }) => name === "price") ? "sr-only" : ""}`}
        >
          Show
        </button>
      </Form>
      <Sheet open={open} onClose={() => setOpen(false)} title="Filter">
        <Form
          key={params.toString()}
          method="get"
          onSubmit={(event) => {
            event.preventDefault();
            send(event.currentTarget);
            setOpen(false);
          }}
          onChange={onChange}
        >
          {hidden}
          {fields}
          <Button type="submit" className="mt-8 w-full">
            Show {total} {total === 1 ? "perfume" : "perfumes"}
          </Button>
        </Form>
      </Sheet>
    </>
  );
}

export function Sort() {
  const [params] = useSearchParams();
  const submit = useSubmit();
  return (
    <Form method="get" className="flex items-center gap-3 text-[0.9375rem]">
      {[...params]
        .filter(([name]) => name !== "sort" && name !== "page")
        .map(([name, value]) => (
          <input key={`${name}${value}`} type="hidden" name={name} value={value} />
        ))}
      <label className="flex items-center gap-2">
        <span className="text-ink-3 max-desk:sr-only">Sort</span>
        <select
          key={params.get("sort")}
          name="sort"
          defaultValue={params.get("sort") ?? ""}
          onChange={({ currentTarget: { form } }) => form && submit(form, { preventScrollReset: true })}
          className="min-h-11 bg-transparent pe-1 text-ink [&>option]:bg-raised"
        >
          {SORTS.map(([value, label]) => (
            <option key={value} value={value}>
              {label}
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
