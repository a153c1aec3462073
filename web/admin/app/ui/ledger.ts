import type { LedgerEntry } from "../types";

/** What each kind of entry books. */
export const entryKinds: Record<string, string> = {
  capture: "Payment captured",
  fee: "Gateway fee",
  sale: "Sale",
  stray: "Payment without an order to pay",
  adopt: "Payment accepted for its order",
  refund: "Refund promised",
  refund_done: "Refund sent",
  refund_failed: "Refund failed",
  dispute_lost: "Dispute lost",
  settlement: "Settlement",
};

type Account = LedgerEntry["postings"][number]["account"];

/** The accounts of the ledger, in its order, as they are chosen from. */
export const accountNames: Record<Account, string> = {
  gateway: "Gateway",
  bank: "Bank",
  customers: "Customers",
  desk: "Money to decide about",
  refunds_due: "Refunds due",
  sales: "Sales",
  shipping: "Delivery",
  tax: "Tax",
  discounts: "Discounts",
  refunds: "Refunds",
  fees: "Gateway fees",
  fee_tax: "Tax on gateway fees",
  disputes: "Lost disputes",
};
