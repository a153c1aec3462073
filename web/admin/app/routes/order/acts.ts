import type { AdminOrder, Money } from "../../types";

export type Act = "capture" | "fulfil" | "deliver" | "cancel" | "refund";

/** What may be done with this order now, by this person. The server decides again; this only keeps dead buttons away. */
export function nextActs(
  order: Pick<AdminOrder, "status" | "fulfilment_status" | "refundable"> & {
    payment: Pick<AdminOrder["payment"], "is_set_aside">;
  },
  may: (permission: string) => boolean,
): Act[] {
  const acts: Act[] = [];
  if (may("orders.edit")) {
    // What the bank has set aside is taken by hand, or by itself when the order is packed.
    if (order.payment.is_set_aside) acts.push("capture");
    if (order.status === "paid" || order.payment.is_set_aside) acts.push("fulfil");
    if (order.status === "fulfilled") acts.push("deliver");
    const unsent = order.status === "paid" && order.fulfilment_status === "unfulfilled";
    if (order.status === "pending_payment" || unsent) acts.push("cancel");
  }
  if (may("orders.refund") && order.refundable.amount > 0) acts.push("refund");
  return acts;
}

type Line = AdminOrder["lines"][number];

/** How many units of a line were paid back, or are about to be; what failed doesn't count. */
export function unitsBack(order: Pick<AdminOrder, "refunds">, line: string): number {
  return order.refunds
    .filter((refund) => refund.status !== "failed")
    .flatMap((refund) => refund.lines)
    .filter((part) => part.id === line)
    .reduce((sum, part) => sum + part.quantity, 0);
}

/**
 * What these units cost, as the server counts it: a difference of running sums, rounded half up, so that all units of a line
 * together cost exactly what the line did.
 */
export function worth(line: Pick<Line, "total" | "quantity">, back: number, units: number): number {
  const cost = (count: number) => Math.floor((2 * line.total.amount * count + line.quantity) / (2 * line.quantity));
  return cost(back + units) - cost(back);
}

export type Wanted =
  | { by: "lines"; units: Record<string, number>; restock: boolean }
  | { by: "sum"; amount: Money | null };

/** The body of a refund and its sum, or null while nothing is chosen. The sum is always said outright: it is what the button says. */
export function refundOf(
  order: Pick<AdminOrder, "lines" | "refunds" | "currency">,
  wanted: Wanted,
): { amount: Money; lines?: { id: string; quantity: number }[]; restock: boolean } | null {
  if (wanted.by === "sum") return wanted.amount?.amount ? { amount: wanted.amount, restock: false } : null;
  const chosen = order.lines.filter((line) => wanted.units[line.id]);
  if (!chosen.length) return null;
  return {
    amount: {
      amount: chosen.reduce(
        (sum, line) => sum + worth(line, unitsBack(order, line.id), wanted.units[line.id] as number),
        0,
      ),
      currency: order.currency,
    },
    lines: chosen.map((line) => ({ id: line.id, quantity: wanted.units[line.id] as number })),
    restock: wanted.restock,
  };
}
