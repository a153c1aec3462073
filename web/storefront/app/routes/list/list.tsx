import type { ProductList } from "@noirel/shared/api/types";
import { buttonClass } from "@noirel/shared/ui/button";
import { Empty } from "@noirel/shared/ui/empty";
import { hourOf } from "@noirel/shared/ui/plate";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { Link, useNavigation, useSearchParams } from "react-router";
import { Card } from "../../parts/card";
import { Chips, FilterColumn, FilterSheet, Sort, unfiltered } from "./facets";
import { MOST } from "./most";

type ListProps = {
  title: string;
  story: string;
  /** In the place of title and story: the search field. */
  head?: ReactNode;
  list: ProductList & { page: number };
  fixed?: string;
  /** Above the cards: another way in. */
  children?: ReactNode;
};

/** Letters of a title that still stand in the largest size. */
const LONG = 28;

export function counted(total: number, products: ProductList["results"]): string {
  const perfumes = products.length > 0 && products.every(({ attributes }) => hourOf(attributes));
  const [one, many] = perfumes ? ["perfume", "perfumes"] : ["piece", "pieces"];
  return `${total.toLocaleString("en-IN")} ${total === 1 ? one : many}`;
}

/** A list of products: what it is, how many, what is on, the cards, and more of them. */
export function List({ title, story, head, list, fixed, children }: ListProps) {
  const [params] = useSearchParams();
  const { state } = useNavigation();
  const count = counted(list.total, list.results);
  const [said, say] = useState("");
  const before = useRef(count);
  useEffect(() => {
    if (before.current !== count) say(count);
    before.current = count;
  }, [count]);

  const more = new URLSearchParams(params);
  // One address holds so many pages; what comes after them is a list of its own, which back leaves again.
  const further = list.page >= MOST;
  if (further && list.next) {
    more.delete("page");
    more.set("after", list.next);
  } else more.set("page", String(list.page + 1));
  return (
    <div className="wrap pt-6 desk:pt-12">
      {head ?? (
        <div className="grid items-end gap-x-gap gap-y-4 pb-8 desk:grid-cols-12 desk:pb-14">
          <h1 className={`display break-words desk:col-span-8 ${title.length > LONG ? "text-3xl" : "text-4xl"}`}>
            {title}
          </h1>
          {story && <p className="max-w-88 text-ink-2 desk:col-span-3 desk:col-start-10">{story}</p>}
        </div>
      )}
      {children}
      <div className="grid gap-x-gap desk:grid-cols-12">
        <div className="flex flex-wrap items-center justify-between gap-x-6 border-t border-line py-3 desk:col-span-12">
          <p className="numerals text-[0.9375rem]">{count}</p>
          <div className="flex min-w-0 flex-wrap items-center gap-x-6">
            <Sort />
            <FilterSheet facets={list.facets} say={count} {...(fixed && { fixed })} />
          </div>
        </div>
        <aside
          id="filters"
          className="max-desk:not-target:hidden max-desk:pb-8 desk:col-span-2 desk:pe-4 desk:pt-2"
          aria-label="Filters"
        >
          <FilterColumn facets={list.facets} {...(fixed && { fixed })} />
        </aside>
        <div className="pt-2 desk:col-span-10" aria-busy={state === "loading"}>
          <div className="pb-5 empty:hidden">
            <Chips facets={list.facets} />
          </div>
          {list.results.length === 0 ? (
            <Empty title="Nothing at this hour." as="h2">
              <Link to={unfiltered(params)} className="link">
                Clear all
              </Link>
            </Empty>
          ) : (
            <ul className="cards wide:grid-cols-3 desk:gap-y-[calc(var(--spacing-gap)*1.9)]">
              {list.results.map((product, index) => (
                <li key={product.slug}>
                  <Card
                    product={product}
                    heading="h2"
                    first={index === 0}
                    sizes="(min-width: 1200px) 26vw, (min-width: 820px) 38vw, 45vw"
                  />
                </li>
              ))}
            </ul>
          )}
          {list.next && (
            <p className="mt-14 grid justify-items-center gap-4">
              {!params.has("after") && (
                <span className="numerals text-sm text-ink-2">
                  {list.results.length} of {count}
                </span>
              )}
              <Link to={`?${more}`} replace={!further} preventScrollReset={!further} className={buttonClass("plain")}>
                {further ? "Further on" : "Load more"}
              </Link>
            </p>
          )}
        </div>
      </div>
      <div aria-live="polite" className="sr-only">
        {said}
      </div>
    </div>
  );
}
