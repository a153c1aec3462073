import { api } from "@noirel/shared/api/client";
import { unwrap } from "@noirel/shared/api/problem";
import type { Shop } from "@noirel/shared/api/types";
import { type Hour, hoursOf } from "../parts/dial";

/** How long a page waits for what its frame is made of, in milliseconds; less for a while after it waited in vain. */
const PATIENCE = 2_000;
const PATIENCE_DURING_OUTAGE = 250;
const OUTAGE = 5_000;

let outageUntil = 0;
let lastShop: Shop | null = null;
let lastHours: Hour[] = [];

/**
 * The shop's facts and its hours for header, footer and error pages. While the API is down or slow, the last ones that were
 * read; null before the first.
 */
export async function shopFacts(): Promise<{ shop: Shop | null; hours: Hour[] }> {
  const signal = AbortSignal.timeout(Date.now() < outageUntil ? PATIENCE_DURING_OUTAGE : PATIENCE);
  const [shop, hours] = await Promise.all([
    unwrap(api.get("/shop", { signal })).catch(() => {
      outageUntil = Date.now() + OUTAGE;
      return lastShop;
    }),
    unwrap(api.get("/products", { query: { collection: "hours", limit: 24 }, signal })).then(
      ({ results }) => hoursOf(results),
      () => lastHours,
    ),
  ]);
  lastShop = shop;
  lastHours = hours;
  return { shop, hours };
}
