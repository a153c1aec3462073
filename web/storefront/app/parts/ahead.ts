import type { Ahead, Availability } from "@noirel/shared/api/types";
import { dayAt } from "@noirel/shared/time-zone";
import { dayOf } from "./moment";

const NAMES = { preorder: "Pre-order", backorder: "Made to order" };

/**
 * What of a variant is sold before it is here, for who would take one now; null when it is on the shelf, or can't be had.
 * zone is the shop's: its day decides whether the expected day is over.
 */
export function aheadNow(
  { policy, quantity, in_stock, expected_on }: Availability,
  zone: string,
  now: number,
): Ahead | null {
  if (policy === "deny" || !in_stock || quantity === null || quantity > 0) return null;
  // A day that is over is no promise.
  const day = expected_on && expected_on >= dayAt(now, zone) ? expected_on : null;
  return { policy, units: 1, expected_on: day };
}

/** "Pre-order, leaves on Friday 4 December"; "2 of 3 made to order, leave as soon as they are here". */
export function aheadWords(
  { policy, units, expected_on }: Ahead,
  quantity: number,
  zone: string,
  now = Date.now(),
): string {
  const some = units < quantity;
  const name = some ? `${units} of ${quantity} ${NAMES[policy].toLowerCase()}` : NAMES[policy];
  const many = units > 1;
  const when = expected_on
    ? `on ${dayOf(expected_on, dayAt(now, zone))}`
    : `as soon as ${many ? "they are" : "it is"} here`;
  return `${name}, ${many ? "leave" : "leaves"} ${when}`;
}
