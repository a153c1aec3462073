import type { AdminOrder } from "../../types";

export type Act = "fulfil" | "deliver" | "cancel";

/** What may be done with this order now, by this person. The server decides again; this only keeps dead buttons away. */
export function nextActs(
  order: Pick<AdminOrder, "status" | "fulfilment_status">,
  may: (permission: string) => boolean,
): Act[] {
  if (!may("orders.edit")) return [];
  switch (order.status) {
    case "pending_payment":
      return ["cancel"];
    case "paid":
      return ["fulfil"];
    case "fulfilled":
      return ["deliver"];
    default:
      return [];
  }
}
