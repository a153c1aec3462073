import type { ProductCard } from "@noirel/shared/api/types";
import { hourOf } from "@noirel/shared/ui/plate";
import { sinceNoon } from "./dial";

type Timed = Pick<ProductCard, "slug" | "attributes">;

/**
 * The perfumes whose hours come just before and just after this one's. The hours go round like a clock: midnight is no border,
 * and the first of the evening follows the last of the morning. Empty for a product without an hour.
 */
export function neighboursOf<Card extends Timed>(product: Timed, perfumes: readonly Card[]): Card[] {
  const hour = hourOf(product.attributes);
  if (hour === null) return [];
  const others = perfumes
    .filter((other) => other.slug !== product.slug && hourOf(other.attributes) !== null)
    .map((card) => ({ card, at: sinceNoon(hourOf(card.attributes) ?? "") }))
    .sort((a, b) => a.at - b.at);
  const here = sinceNoon(hour);
  const before = others.findLast(({ at }) => at <= here) ?? others.at(-1);
  const after = others.find(({ at, card }) => at >= here && card !== before?.card) ?? others[0];
  return [...new Set([before?.card, after?.card])].filter((card) => card !== undefined);
}
