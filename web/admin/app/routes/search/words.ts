import type { Boost, Hit } from "../../catalogue";

export const WHY: Record<Hit["why"], string> = {
  name: "The name itself",
  name_begins: "The beginning of the name",
  in_name: "In the name",
  beside: "In the subtitle or facts",
  anywhere: "Anywhere, the story included",
};

/** What is typed in one field: “oud, agarwood = aloes wood”. */
export const termsOf = (typed: string): string[] =>
  typed
    .split(/[,;=\n]/)
    .map((term) => term.trim())
    .filter(Boolean);

/** As the shop folds a question: no accents, small letters, words and single blanks. */
export const folded = (typed: string): string =>
  typed
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean)
    .join(" ");

/** What staff have said about a product in the searches for `q` alone. */
export const boostOf = (boosts: Boost[], product: string, q: string): Boost | undefined =>
  boosts.find((boost) => boost.product === product && boost.query === folded(q) && boost.query !== "");

/** “+1.5”, “−2”, “0”. */
export const signed = (weight: number): string =>
  weight > 0 ? `+${weight}` : weight < 0 ? `−${Math.abs(weight)}` : "0";

export const MOST = 5;

const list = new Intl.ListFormat("en-GB", { type: "conjunction" });

/** “oud”, “agarwood” and “aloes wood”: terms in a sentence. */
export const listed = (terms: string[]): string => list.format(terms.map((term) => `“${term}”`));
