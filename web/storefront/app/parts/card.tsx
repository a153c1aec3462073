import type { ProductCard } from "@noirel/shared/api/types";
import { Picture } from "@noirel/shared/ui/picture";
import { hourOf, Plate, plateOf } from "@noirel/shared/ui/plate";
import { Price } from "@noirel/shared/ui/price";
import { Link, useViewTransitionState } from "react-router";
import { hasPrice, NOT_SOLD_SEPARATELY } from "./purchasable";

/** One badge is enough: what helps to decide comes first. One that this edition of the shop does not know is left out. */
const BADGES: readonly (readonly [string, string])[] = [
  ["sale", "Sale"],
  ["low_stock", "Few left"],
  ["new", "New"],
  ["best_seller", "Bestseller"],
];

type CardProps = {
  product: ProductCard;
  sizes: string;
  first?: boolean;
  /** The one plate of the grid that is twice as wide and as high. */
  large?: boolean;
  heading?: "h2" | "h3";
};

/** One product in a grid: a plate, a name that is the card's one link, a price. The pressed plate becomes the gallery. */
export function Card({ product, sizes, first = false, large = false, heading: Heading = "h3" }: CardProps) {
  const to = `/p/${product.slug}`;
  const pressed = useViewTransitionState(to);
  const hour = hourOf(product.attributes);
  const [picture, second] = product.images;
  const { min, max } = product.price_range;
  const said: readonly string[] = product.badges;
  const badge = BADGES.find(([name]) => said.includes(name))?.[1];
  const plain = !plateOf(product.attributes);
  return (
    <article className={`group relative ${large ? "flex h-full flex-col" : ""}`}>
      <Plate
        picture={picture}
        attributes={product.attributes}
        sizes={sizes}
        first={first}
        alt=""
        className={`${large ? "aspect-4/5 desk:aspect-auto desk:flex-1" : "aspect-4/5"} ${product.in_stock ? "" : "plate-out"}`}
        {...(pressed && { style: { viewTransitionName: "plate" } })}
      >
        {second && (
          <Picture
            picture={second}
            sizes={sizes}
            alt=""
            className={`absolute inset-0 -z-10 size-full opacity-0 transition-opacity duration-(--t-panel) ease-silk group-focus-within:opacity-100 group-hover:opacity-100 pointer-coarse:hidden ${plain ? "bg-plate object-contain" : "object-cover"}`}
          />
        )}
        {hour && (
          <bdi
            aria-hidden="true"
            className={`absolute start-3.5 top-3.5 font-display leading-none font-light desk:start-5 desk:top-4.5 ${large ? "text-xl" : "text-xl"}`}
          >
            {hour}
          </bdi>
        )}
        {!picture && (
          <span
            aria-hidden="true"
            className="absolute start-5 bottom-4 font-display text-5xl leading-none font-extralight text-ink-3"
          >
            {[...product.name][0]}
          </span>
        )}
        {(badge || !product.in_stock) && (
          <span
            className={`absolute text-xs tracking-[0.02em] ${plain ? "end-0 top-0 bg-paper px-3 py-2 text-ink" : "end-3.5 top-4 desk:end-5 desk:top-5.5"}`}
          >
            {product.in_stock ? badge : hasPrice(product) ? "Sold out" : NOT_SOLD_SEPARATELY}
          </span>
        )}
      </Plate>
      <div className="grid grid-cols-1 items-baseline gap-x-4 gap-y-0.5 pt-3.5 desk:grid-cols-[minmax(0,1fr)_auto]">
        <Heading className={`display min-w-0 leading-[1.05] break-words ${large ? "text-2xl" : "text-xl"}`}>
          <Link
            to={to}
            viewTransition
            prefetch="intent"
            className="after:absolute after:inset-0 after:content-[''] focus-visible:shadow-none focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:outline-offset-3 focus-visible:after:outline-ink"
          >
            {hour && <span className="sr-only">{hour}, </span>}
            {product.name}
          </Link>
        </Heading>
        <span className="text-[0.875rem]">
          {!hasPrice(product) ? null : min.amount === max.amount ? (
            <Price now={min} was={product.compare_at} />
          ) : (
            <Price now={min} was={product.compare_at} from />
          )}
        </span>
        {product.subtitle && (
          <p className="col-span-full text-[0.875rem] leading-[1.45] text-ink-2">{product.subtitle}</p>
        )}
      </div>
    </article>
  );
}
