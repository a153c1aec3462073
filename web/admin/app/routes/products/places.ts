import { taxonomy } from "../../api";
import { branches } from "../product/Places";

/** A category or a collection; depth is how deep in the tree it stands. */
export type Place = { slug: string; name: string; depth: number; isRuled: boolean };

export async function placesOf(kind: "category" | "collection", signal: AbortSignal): Promise<Place[]> {
  if (kind === "category")
    return branches((await taxonomy.categories(signal)).results).map((one) => ({ ...one, isRuled: false }));
  const { results } = await taxonomy.collections(signal);
  return results.map(({ slug, name, is_ruled }) => ({ slug, name, depth: 0, isRuled: is_ruled }));
}
