import type { Picture as PictureData, ProductCard } from "@noirel/shared/api/types";
import { formatMoney } from "@noirel/shared/money";
import { Picture } from "@noirel/shared/ui/picture";
import { hourOf, plateOf, plateStyle } from "@noirel/shared/ui/plate";
import { Link } from "react-router";
import { Dial, type Hour } from "../../parts/dial";
import { lightOf } from "../../parts/light";

type CoverProps = { product: ProductCard; cutout: PictureData | null; line: string; hours: Hour[] };

/** An hour set as large as the page allows; the flacon stands where its colon would. */
export function Cover({ product, cutout, line, hours }: CoverProps) {
  const hour = hourOf(product.attributes) ?? "";
  const [before, after] = hour.split(":");
  const light = lightOf(product.attributes);
  const sizes = "(min-width: 820px) 348px, 200px";
  return (
    <section
      data-theme={light}
      data-light={light}
      style={plateStyle(plateOf(product.attributes))}
      className="cover relative isolate h-svh min-h-[38rem] overflow-hidden text-(--on) desk:max-h-[60rem] desk:min-h-[44rem]"
      aria-labelledby="cover-name"
    >
      <h1 id="cover-name" tabIndex={-1}>
        <span className="sr-only">
          {hour}, {product.name}
        </span>
        <span className="cover-hour cover-before" aria-hidden="true">
          {before}
        </span>
        <span className="cover-hour cover-after" aria-hidden="true">
          {after}
        </span>
      </h1>
      <div className="cover-object">
        {cutout && (
          <>
            <Picture picture={cutout} sizes={sizes} first alt="" className="cover-reflection" />
            <i className="cover-caustic" />
            <Picture picture={cutout} sizes={sizes} first className="absolute inset-0 size-full" />
          </>
        )}
      </div>
      <div className="absolute inset-x-0 bottom-22 z-1 desk:bottom-26">
        <div className="wrap flex items-end justify-between gap-4 desk:gap-8">
          <div>
            <p className="display text-3xl" aria-hidden="true">
              {product.name}
            </p>
            <p className="mt-2 max-w-50 text-[0.875rem] leading-normal opacity-86 desk:max-w-76 desk:text-[0.9375rem]">
              {line}
            </p>
          </div>
          <div className="flex items-baseline gap-8 text-[0.9375rem]">
            <span className="numerals max-desk:hidden">from {formatMoney(product.price_range.min)}</span>
            <Link to={`/p/${product.slug}`} viewTransition className="link whitespace-nowrap">
              Discover {product.name}
            </Link>
          </div>
        </div>
      </div>
      <div className="absolute inset-x-0 bottom-3 z-1 desk:bottom-5">
        <Dial hours={hours} current={hour} to={({ hour: at }) => `/?hour=${at}`} className="wrap" />
      </div>
    </section>
  );
}
