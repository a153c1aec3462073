import type { LedgerEntry } from "../types";

/** What each kind of entry books. */
export const entryKinds: Record<string, string> = {
  capture: "Payment captured",
  fee: "Gateway fee",
  sale: "Sale",
  stray: "Unmatched payment",
  adopt: "Unmatched payment accepted",
  refund: "Refund promised",
  refund_done: "Refund sent",
  refund_failed: "Refund failed",
  dispute_lost: "Dispute lost",
  settlement: "Settlement",
};

type Account = LedgerEntry["postings"][number]["account"];

/** The accounts of the ledger, in its order, as they are chosen from; entries carry the same names from the API. */
export const accountNames: Record<Account, string> = {
  gateway: "Gateway balance",
  bank: "Bank",
  customers: "Customer deposits",
  desk: "Unmatched payments",
  refunds_due: "Refunds due",
  sales: "Sales",
  shipping: "Delivery",
  tax: "Tax collected",
  discounts: "Discounts",
  refunds: "Refunds of sales",
  fees: "Gateway fees",
  fee_tax: "Tax on gateway fees",
  disputes: "Lost disputes",
};
