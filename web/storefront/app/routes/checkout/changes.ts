import type { Cart, Money } from "@noirel/shared/api/types";
import { pieceName } from "../../cart/reducer";

export type Change = { name: string; was: Money | null; now: Money | null };

/** What makes one total differ from the other, line by line; null where there was nothing, or is nothing any more. */
export function changesBetween(was: Cart, now: Cart): Change[] {
  const before = new Map(was.lines.map((line) => [line.id, line]));
  const lines = now.lines.flatMap((line) => {
    const old = before.get(line.id);
    before.delete(line.id);
    return old?.total.amount === line.total.amount
      ? []
      : [{ name: nameOf(line), was: old?.total ?? null, now: line.total }];
  });
  const gone = [...before.values()].map((line) => ({ name: nameOf(line), was: line.total, now: null }));
  const sums = (["discount", "shipping"] as const).flatMap((sum) =>
    was.totals[sum].amount === now.totals[sum].amount
      ? []
      : [{ name: NAMES[sum], was: was.totals[sum], now: now.totals[sum] }],
  );
  return [...lines, ...gone, ...sums];
}

const NAMES = { discount: "Discount", shipping: "Delivery" };

const nameOf = (line: Cart["lines"][number]) =>
  line.quantity > 1 ? `${pieceName(line)}, ${line.quantity} pieces` : pieceName(line);
