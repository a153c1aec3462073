import type { OrderCard } from "@noirel/shared/api/types";

/** Where an order stands, in a list of them. */
export function cardWords({ status, payment_status, fulfilment_status }: OrderCard): string {
  const goods = goodsWords(status, payment_status, fulfilment_status);
  if (payment_status === "refunded") return `${goods}, money sent back`;
  return payment_status === "partially_refunded" ? `${goods}, part of the money sent back` : goods;
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
