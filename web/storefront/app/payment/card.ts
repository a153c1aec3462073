import type { OrderCard } from "@noirel/shared/api/types";

/** Where an order stands, in a list of them. */
export function cardWords({ status, payment_status, fulfilment_status, is_refund_pending }: OrderCard): string {
  const goods = goodsWords(status, payment_status, fulfilment_status);
  const how = is_refund_pending ? "on its way back" : "sent back";
  if (payment_status === "refunded") return `${goods}, money ${how}`;
  return payment_status === "partially_refunded" ? `${goods}, part of the money ${how}` : goods;
}

function goodsWords(
  status: OrderCard["status"],
  payment: OrderCard["payment_status"],
  fulfilment: OrderCard["fulfilment_status"],
): string {
  if (fulfilment === "returned") return "Came back";
  switch (status) {
    case "pending_payment":
      return payment === "authorized" ? "With the bank" : "Not paid yet";
    case "paid":
      if (fulfilment === "partial") return "Part of it packed";
      return payment === "refunded" ? "Paid" : "Paid, being packed";
    case "fulfilled":
      return "On its way";
    case "delivered":
      return "Delivered";
    case "cancelled":
      return "Cancelled";
    case "expired":
      return "Let go";
  }
}
