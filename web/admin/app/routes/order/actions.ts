import { formatMoney } from "@noirel/shared/money";
import type { AdminOrder, Money } from "../../types";

export type OrderAction = "capture" | "fulfil" | "fulfil_anyway" | "ship" | "deliver" | "cancel" | "refund";

/** What may be done with this order now, by this person. The server decides again; this only keeps dead buttons away. */
export function nextActions(
  order: Pick<AdminOrder, "status" | "fulfilment_status" | "refundable" | "dispute_status"> & {
    payment: Pick<AdminOrder["payment"], "is_set_aside">;
    lines: readonly Countable[];
    shipments: readonly Pick<Parcel, "status">[];
  },
  may: (permission: string) => boolean,
): OrderAction[] {
  const acts: OrderAction[] = [];
  if (may("orders.edit")) {
    // What the bank has set aside is taken by hand, or by itself when the order is packed.
    if (order.payment.is_set_aside) acts.push("capture");
    const blocked = ["open", "lost"].includes(order.dispute_status);
    const left = order.lines.some((line) => unpacked(line) > 0);
    if (left && ((order.status === "paid" && !blocked) || order.payment.is_set_aside)) acts.push("fulfil");
    if (left && order.status === "paid" && blocked && order.refundable.amount > 0) acts.push("fulfil_anyway");
    // A disputed order's parcel is shipped from its card, after a warning.
    if (!blocked && order.shipments.some(({ status }) => status === "packed")) acts.push("ship");
    if (order.shipments.some(({ status }) => status === "in_transit")) acts.push("deliver");
    // Once the bank has taken the money, a partly sent order is closed as well.
    const isPartlyPacked =
      order.fulfilment_status !== "unfulfilled" && order.shipments.some(({ status }) => status === "packed");
    const ends =
      order.status === "paid" &&
      !isPartlyPacked &&
      order.dispute_status !== "open" &&
      (order.fulfilment_status === "unfulfilled" || order.dispute_status === "lost");
    // Cancelling a paid order sends its money back.
    const refunds = order.status === "paid" && (order.dispute_status !== "lost" || order.refundable.amount > 0);
    if (order.status === "pending_payment" || (ends && (!refunds || may("orders.refund")))) acts.push("cancel");
  }
  if (may("orders.refund") && order.refundable.amount > 0 && order.dispute_status !== "open") acts.push("refund");
  return acts;
}

/** Whether a packed parcel may leave: not once the buyer's bank has taken all of the money. */
export const mayShip = (order: Pick<AdminOrder, "dispute_status" | "refundable">): boolean =>
  order.dispute_status !== "lost" || order.refundable.amount > 0;

/** The act that moves the order on from where it is: pack what is left, then ship what is packed, then deliver what shipped. */
export function primaryAction(acts: readonly OrderAction[]): "fulfil" | "ship" | "deliver" | null {
  return (["fulfil", "ship", "deliver"] as const).find((act) => acts.includes(act)) ?? null;
}

type Countable = Pick<Line, "quantity" | "cancelled_quantity" | "fulfilled_quantity">;

/** Units of a line that are still to be packed. */
export const unpacked = (line: Countable): number => line.quantity - line.cancelled_quantity - line.fulfilled_quantity;

export type Parcel = AdminOrder["shipments"][number];

type Ending = Pick<
  AdminOrder,
  "status" | "fulfilment_status" | "refundable" | "payment_status" | "dispute_status" | "totals" | "customer" | "email"
> & { payment: Pick<AdminOrder["payment"], "is_set_aside" | "taken_back"> };

/** What cancelling an order does with its money and its units, in sentences. */
export function cancelWords(order: Ending): string {
  const who = order.customer.name || order.email;
  const isPartlySent = order.fulfilment_status !== "unfulfilled";
  const units = isPartlySent
    ? "The units that were not sent go back into stock, and the order ends as fulfilled."
    : "The order’s units go back into stock. A cancelled order cannot be reopened.";
  return `${moneyWords()} ${units}`;

  function moneyWords(): string {
    const total = formatMoney(order.totals.total);
    if (order.payment_status === "authorized") {
      return `The bank holds ${total} of ${who}. Nothing was charged: the bank releases it by itself, usually within 5 days.`;
    }
    const taken = order.payment.taken_back.amount
      ? `The buyer’s bank has taken ${formatMoney(order.payment.taken_back)} back. `
      : "";
    if (isPartlySent && order.refundable.amount) {
      return `${taken}What the unsent units cost goes back to ${who}, up to ${formatMoney(order.refundable)}.`;
    }
    if (order.refundable.amount) {
      return `${taken}${formatMoney(order.refundable)} goes back to ${who} the way it came, in 5 to 7 working days.`;
    }
    if (taken) return `${taken}No other money moves.`;
    return order.status === "paid" ? "All of its money has gone back already." : `${total} was never paid.`;
  }
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
export function priceOfUnits(line: Pick<Line, "total" | "quantity">, back: number, units: number): number {
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
        (sum, line) => sum + priceOfUnits(line, unitsBack(order, line.id), wanted.units[line.id] as number),
        0,
      ),
      currency: order.currency,
    },
    lines: chosen.map((line) => ({ id: line.id, quantity: wanted.units[line.id] as number })),
    restock: wanted.restock,
  };
}

/** The API counts the lines that were sent ("lines.0.quantity"); the form names the field of a line by its id. */
export const lineField = (body: { lines?: { id: string }[] }) => (name: string) =>
  name.replace(/^lines\.(\d+)(\..*)?$/, (_, index) => `lines.${body.lines?.[Number(index)]?.id ?? index}`);
