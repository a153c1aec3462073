import type { Order } from "@noirel/shared/api/types";
import { beforeDiscount, formatMoney } from "@noirel/shared/money";
import { Plate } from "@noirel/shared/ui/plate";
import { TotalsList } from "../../cart/totals";
import { hasEnded } from "../../payment/read";

/** What is being paid for: the pieces, what comes with them, how it is delivered, and every part of the total. */
export function Bought({ order }: { order: Order }) {
  const { lines, samples, gift, shipping_method, totals } = order;
  const extras = [
    gift.wrap && "Gift wrap",
    samples.length > 0 && `Samples: ${samples.map(({ name }) => name).join(", ")}`,
    `${shipping_method.name}: ${shipping_method.promise.text}`,
  ].filter(Boolean);
  return (
    <section aria-labelledby="bought" className="mt-10">
      <h2 id="bought" className="numerals flex flex-wrap justify-between gap-x-4 text-sm text-ink-2">
        <span>{hasEnded(order) ? "What was in it" : "What you are paying for"}</span>
        <span>
          Order <bdi>{order.number}</bdi>
        </span>
      </h2>
      <ul className="mt-3 border-t border-line">
        {lines.map((line) => (
          <li
            key={line.id}
            className="grid grid-cols-[4rem_1fr_auto] gap-4 border-b border-line py-4 text-[0.9375rem] leading-snug"
          >
            <Plate picture={line.image} attributes={line.attributes} sizes="64px" alt="" />
            <div className="min-w-0">
              <h3 className="display text-xl leading-none break-words">{line.name}</h3>
              <p className="numerals mt-1 text-sm text-ink-2">
                {[
                  line.variant_title,
                  line.engraving && `engraved ${line.engraving}`,
                  line.quantity > 1 && `${line.quantity} pieces at ${formatMoney(line.unit_price)}`,
                ]
                  .filter(Boolean)
                  .join(", ")}
              </p>
            </div>
            <span className="numerals">{formatMoney(beforeDiscount(line))}</span>
          </li>
        ))}
      </ul>
      <p className="border-b border-line py-3 text-sm text-ink-2">{extras.join(". ")}.</p>
      <div className="pt-5">
        <TotalsList totals={totals} delivery="chosen" />
      </div>
    </section>
  );
}
