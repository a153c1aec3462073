import { formatMoney } from "@noirel/shared/money";
import { type RefObject, useEffect, useRef, useState } from "react";
import { Link, useNavigate } from "react-router";
import { useKeys } from "../../layout/useKeys";
import type { AdminProductCard } from "../../types";
import { Badge, Status } from "../../ui/Status";
import { Thumb } from "../../ui/Thumb";
import { cell, head, nameCell } from "../../ui/table";
import { ago, when } from "../../ui/time";
import { type Choice, chosen } from "./choice";

const states = {
  live: ["In the shop", "good"],
  scheduled: ["Scheduled", "wait"],
  ended: ["Ended", "off"],
  draft: ["Draft", "wait"],
  archived: ["Archived", "off"],
} as const;

/** A box as large as a thumb on a phone; it stands above the link that the whole row is. */
const boxed = "relative z-1 -ms-2 -my-1.5 grid size-8.5 cursor-pointer place-items-center max-desk:size-11";

/** The rows, each with a box where somebody may change them; shift takes all between two presses, x the row j and k stand on. */
export function List({
  rows,
  choice,
  total,
  choose,
  headBox,
}: {
  rows: AdminProductCard[];
  choice: Choice;
  total: number;
  choose: ((next: Choice) => void) | null;
  headBox: RefObject<HTMLInputElement | null>;
}) {
  const [at, stand] = useState(-1);
  const last = useRef(-1);
  const body = useRef<HTMLTableSectionElement>(null);
  const navigate = useNavigate();
  const isChosen = ({ slug }: AdminProductCard) => choice.all || choice.by.has(slug);
  const here = rows.filter(isChosen).length;

  function press(index: number, wanted: boolean, wide: boolean) {
    const from = wide && last.current >= 0 ? last.current : index;
    last.current = index;
    choose?.(chosen(choice, rows.slice(Math.min(from, index), Math.max(from, index) + 1), wanted));
  }
  const row = rows[at];
  const go = (to: number) => stand(Math.max(0, Math.min(to, rows.length - 1)));
  useKeys({
    j: () => go(at + 1),
    k: () => go(at - 1),
    x: () => row && press(at, !isChosen(row), false),
    X: () => row && press(at, true, true),
    ...(row && document.activeElement === document.body && { Enter: () => navigate(`/products/${row.slug}`) }),
  });
  useEffect(() => {
    body.current?.children[at]?.scrollIntoView({ block: "nearest" });
  }, [at]);
  useEffect(() => {
    if (headBox.current) headBox.current.indeterminate = here > 0 && here < rows.length;
  });

  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways has to scroll by keys as well
    <section aria-label="Products, a table" tabIndex={0} className="overflow-x-auto">
      <table className="w-full border-collapse" aria-rowcount={total + 1}>
        <thead>
          <tr>
            {choose ? (
              <th scope="col" className={`${head} w-px pe-0!`}>
                <label className={boxed}>
                  <input
                    ref={headBox}
                    type="checkbox"
                    aria-label="Choose all on this page"
                    className="size-4 accent-ink"
                    checked={rows.length > 0 && here === rows.length}
                    disabled={!rows.length}
                    onChange={() => choose(chosen(choice, rows, here < rows.length))}
                  />
                </label>
              </th>
            ) : null}
            <th scope="col" className={head}>
              Product
            </th>
            <th scope="col" className={`${head} max-desk:hidden`}>
              Status
            </th>
            <th scope="col" className={`${head} text-end max-desk:hidden`}>
              Variants
            </th>
            <th scope="col" className={`${head} text-end max-desk:hidden`}>
              Available
            </th>
            <th scope="col" className={`${head} text-end max-desk:hidden`}>
              Price
            </th>
            <th scope="col" className={`${head} text-end max-desk:hidden`}>
              Changed
            </th>
          </tr>
        </thead>
        <tbody ref={body}>
          {rows.map((product, index) => (
            <tr
              key={product.slug}
              className={`relative outline-offset-[-1px] hover:bg-sunk ${isChosen(product) ? "bg-sunk" : ""} ${index === at ? "outline outline-rule" : ""}`}
              data-chosen={index === at || undefined}
            >
              {choose ? (
                <td className={`${cell} w-px pe-0!`}>
                  <label className={boxed}>
                    <input
                      type="checkbox"
                      aria-label={`Choose ${product.name}`}
                      className="size-4 accent-ink"
                      checked={isChosen(product)}
                      onClick={(event) => press(index, event.currentTarget.checked, event.shiftKey)}
                      onChange={() => undefined}
                    />
                  </label>
                </td>
              ) : null}
              <th scope="row" className={`${nameCell} w-2/5 max-desk:w-full`}>
                <span className="flex items-center gap-3">
                  <Thumb picture={product.image} className="w-8 flex-none" />
                  <span className="min-w-0">
                    <Link to={`/products/${product.slug}`} className="font-medium after:absolute after:inset-0">
                      {product.name}
                    </Link>
                    {product.is_sample ? <Badge>Sample</Badge> : null}
                    <span className="block max-w-72 truncate text-xs text-ink-2 max-desk:hidden">
                      {product.subtitle}
                    </span>
                    <span className="flex flex-wrap gap-x-3 text-xs text-ink-2 desk:hidden">
                      <State product={product} />
                      {range(product)}
                    </span>
                  </span>
                </span>
              </th>
              <td className={`${cell} max-desk:hidden`}>
                <State product={product} />
              </td>
              <td className={`${cell} text-end max-desk:hidden`}>{product.variant_count}</td>
              <td className={`${cell} text-end max-desk:hidden`}>{product.available ?? "Not tracked"}</td>
              <td className={`${cell} text-end max-desk:hidden`}>{range(product)}</td>
              <td className={`${cell} text-end text-ink-3 max-desk:hidden`}>
                <time dateTime={product.updated_at} title={when(product.updated_at)}>
                  {ago(product.updated_at)}
                </time>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** What shoppers see of it now, which its status alone doesn't say: it may begin later, or have ended. */
const State = ({ product: { visibility } }: { product: AdminProductCard }) => (
  <Status tone={states[visibility][1]} ring={visibility === "scheduled"}>
    {states[visibility][0]}
  </Status>
);

const range = ({ price_range: { min, max } }: AdminProductCard) =>
  max.amount > min.amount ? `${formatMoney(min)} to ${formatMoney(max)}` : formatMoney(min);
