import type { Cart, CartLine } from "@noirel/shared/api/types";
import { formatMoney } from "@noirel/shared/money";
import { Button } from "@noirel/shared/ui/button";
import { useEffect, useRef } from "react";
import { Link } from "react-router";
import { pieceName } from "../../cart/reducer";
import { changesBetween } from "./changes";

export type Shortage = { sku: string; requested: number; available: number };

/** The total is another one than was seen: both of them, and what makes the difference. */
export function TotalChanged({ was, now, accept }: { was: Cart; now: Cart; accept: () => void }) {
  const total = formatMoney(now.totals.total);
  return (
    <Refusal title="The total has changed.">
      <dl className="numerals grid gap-2">
        {changesBetween(was, now).map(({ name, was, now }) => (
          <div key={name} className="flex flex-wrap justify-between gap-x-4">
            <dt>{name}</dt>
            <dd className="text-ink-2">
              {was ? formatMoney(was) : "new"} <span aria-hidden="true">→</span>
              <span className="sr-only">, now </span> {now ? formatMoney(now) : "gone"}
            </dd>
          </div>
        ))}
        <div className="flex flex-wrap justify-between gap-x-4 border-t border-line pt-2">
          <dt>Total</dt>
          <dd>
            <span className="text-ink-2">
              {formatMoney(was.totals.total)} <span aria-hidden="true">→</span>
            </span>
            <span className="sr-only">, now </span> <b className="font-medium">{total}</b>
          </dd>
        </div>
      </dl>
      <div className="flex flex-wrap gap-4">
        <Button size="low" onClick={accept}>
          Accept {total}
        </Button>
        <Link to="/bag" className="link self-center text-sm">
          Back to bag
        </Link>
      </div>
    </Refusal>
  );
}

/** Somebody was quicker: which piece, how many are left, and what can be done. The rest of the bag stays as it is. */
export function ShortageNotice({
  lines,
  shortages,
  take,
  remove,
}: {
  lines: CartLine[];
  shortages: Shortage[];
  take: (line: CartLine, available: number) => void;
  remove: (line: CartLine) => void;
}) {
  return (
    <Refusal title="Somebody was quicker.">
      <ul className="grid gap-3">
        {shortages.map(({ sku, available }) => {
          const line = lines.find((one) => one.sku === sku);
          return (
            line && (
              <li key={sku} className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
                <p>
                  {pieceName(line)}:{" "}
                  {available > 0
                    ? `${available} left, you have ${line.quantity} in the bag.`
                    : "the last one has just gone."}
                </p>
                <span className="flex gap-3">
                  {available > 0 && (
                    <Button size="low" look="plain" onClick={() => take(line, available)}>
                      Take what is left
                    </Button>
                  )}
                  <Button size="low" look="plain" aria-label={`Remove ${pieceName(line)}`} onClick={() => remove(line)}>
                    Remove
                  </Button>
                </span>
              </li>
            )
          );
        })}
      </ul>
    </Refusal>
  );
}

/** Beside nothing else: it takes the focus, and says first that nothing was charged. */
function Refusal({ title, children }: { title: string; children: React.ReactNode }) {
  const box = useRef<HTMLElement>(null);
  useEffect(() => {
    box.current?.focus();
    box.current?.scrollIntoView({ block: "nearest" });
  }, []);
  return (
    <section
      ref={box}
      role="alert"
      tabIndex={-1}
      aria-label={title}
      className="mb-4 grid scroll-mt-20 gap-3 border-s-2 border-warning bg-raised px-5 py-4 text-[0.9375rem]"
    >
      <p>
        <b className="font-medium">{title}</b> Nothing was charged.
      </p>
      {children}
    </section>
  );
}
