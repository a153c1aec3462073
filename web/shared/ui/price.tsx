import type { Money } from "../api/types";
import { formatMoney } from "../money";

type PriceProps = {
  now: Money;
  was?: Money | null | undefined;
  /** The least of several. */
  from?: boolean;
  className?: string;
};

/** A price, and what it was before where it was more. */
export function Price({ now, was, from = false, className = "" }: PriceProps) {
  const reduced = was && was.amount > now.amount;
  return (
    <span className={`numerals whitespace-nowrap ${className}`}>
      {reduced && (
        <>
          <span className="sr-only">Was </span>
          <s className="me-2 text-ink-3">{formatMoney(was)}</s>
          <span className="sr-only">, now </span>
        </>
      )}
      {from && "from "}
      {formatMoney(now)}
    </span>
  );
}
