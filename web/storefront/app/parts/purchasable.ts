import type { ProductCard, Variant } from "@noirel/shared/api/types";

export const NOT_SOLD_SEPARATELY = "Not sold on its own";

/** A variant priced 0 can't be bought: the API refuses it in a bag and never says that it is in stock. */
export const isSoldSeparately = ({ price }: Pick<Variant, "price">): boolean => price.amount > 0;

/** Whether any variant of a product has a price. */
export const hasPrice = ({ price_range }: Pick<ProductCard, "price_range">): boolean => price_range.max.amount > 0;
