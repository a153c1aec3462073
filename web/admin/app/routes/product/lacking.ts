import { type Draft, isFree } from "./draft";
import type { Shown } from "./pictures";

const list = new Intl.ListFormat("en-GB", { type: "conjunction" });

/** What a product should have before shoppers see it, in sentences. Alt text is required; the rest is for a person to decide. */
export function lackingOf(draft: Draft, pictures: Shown[]): string[] {
  if (draft.status === "archived") return [];
  const undescribed = pictures.flatMap(({ alt }, at) => (alt.trim() ? [] : [at + 1]));
  // Unlisted and free is a sample: it needs no price.
  const free = Object.values(draft.variants).filter(({ price }) => !price.trim() || (draft.is_listed && isFree(price)));
  return [
    pictures.length === 0 && "A picture.",
    undescribed.length === 1 && `Alt text for picture ${undescribed[0]}.`,
    undescribed.length > 1 && `Alt text for pictures ${list.format(undescribed.map(String))}.`,
    free.length > 0 && `A price for ${free.map(({ sku }) => sku).join(", ")}.`,
    !draft.category && "A category.",
    !draft.story.trim() && "A story.",
  ].filter((what) => what !== false);
}
