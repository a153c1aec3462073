import { api } from "@noirel/shared/api/client";
import { isProblem, unwrap } from "@noirel/shared/api/problem";
import type { ProductCard, ProductList } from "@noirel/shared/api/types";
import { exponent } from "@noirel/shared/money";
import { hourOf } from "@noirel/shared/ui/plate";
import { sinceNoon } from "../../parts/dial";
import { listQuery } from "../../parts/list-query";
import { MOST } from "./most";

/** Minutes since noon of a perfume's hour. */
function nightly({ attributes }: ProductCard): number {
  const hour = hourOf(attributes);
  return hour ? sinceNoon(hour) : 1440;
}

/** Cards on one page of a list. */
export const PAGE = 24;

/**
 * One page. A parameter of the address that the API refuses is left out: it is either no attribute of the shop's (`utm_source`)
 * or a value that can't be meant (`sort=x`), and the list without it is more use than an error. Never one of `fixed`.
 */
async function ask(query: URLSearchParams, fixed: Record<string, string>): Promise<ProductList> {
  try {
    return await unwrap(api.get("/products", { query }));
  } catch (error) {
    const refused = isProblem(error) && error.status === 400 ? error.errors.map(({ field }) => field) : [];
    const dropped = refused.filter((name) => query.has(name) && !(name in fixed));
    // Each round leaves out one parameter at least.
    if (dropped.length === 0) throw error;
    for (const name of dropped) query.delete(name);
    return ask(query, fixed);
  }
}

/** People type rupees, yen or dinars; the API counts in the currency's minor unit. */
async function toMinorUnits(query: URLSearchParams): Promise<void> {
  const ends = ["min_price", "max_price"].filter((name) => query.has(name));
  if (ends.length === 0) return;
  const unit = 10 ** exponent((await unwrap(api.get("/shop"))).currency);
  for (const name of ends) {
    const typed = Number(query.get(name));
    if (Number.isFinite(typed) && typed > 0) query.set(name, String(Math.round(typed * unit)));
    else query.delete(name);
  }
}

/**
 * The products of an address: its facets, sort and query, and as many pages as `?page=` says, so that coming back
 * to a list finds all of it again.
 */
export async function readList(
  request: Request,
  fixed: Record<string, string> = {},
): Promise<ProductList & { page: number }> {
  const params = listQuery(request);
  const page = Math.min(MOST, Math.max(1, Math.trunc(Number(params.get("page"))) || 1));
  const query = new URLSearchParams(params);
  const after = params.get("after");
  query.delete("page");
  query.delete("after");
  for (const name of [...query.keys()]) if (query.getAll(name).every((value) => value === "")) query.delete(name);
  await toMinorUnits(query);
  for (const [name, value] of Object.entries(fixed)) query.set(name, value);
  query.set("limit", String(PAGE));
  if (after) query.set("cursor", after);
  let list = await ask(query, fixed);
  const results = [...list.results];
  for (let more = 1; more < page && list.next; more++) {
    query.set("cursor", list.next);
    const { results: further, next } = await ask(query, fixed);
    // A product whose price changed between two pages may stand on both.
    results.push(...further.filter(({ slug }) => results.every((seen) => seen.slug !== slug)));
    list = { ...list, next };
  }
  // The house's own order is that of the night: where all have an hour, the whole list is on the page, and nobody
  // asked for another order or put them in one by hand.
  const free = !["sort", "q", "collection"].some((name) => query.get(name));
  if (free && !list.next && !after && results.every(({ attributes }) => hourOf(attributes))) {
    results.sort((a, b) => nightly(a) - nightly(b));
  }
  return { ...list, results, page };
}

/**
 * The subject of a page (a category, a collection) and its list, read at the same time. If both are refused, the subject decides
 * the status: one that does not exist is a 404, whichever refusal comes first.
 */
export async function withList<S, L>(subject: S | Promise<S>, list: Promise<L>): Promise<[S, L]> {
  list.catch(() => undefined); // awaited below
  return [await subject, await list];
}
