import type { InventoryRow } from "../../types";
import { onDay } from "../../ui/time";

/** sign: what a reason can do to what is on hand; 0 for either. */
export const reasons = [
  { value: "received", label: "Received", sign: 1 },
  { value: "returned", label: "Returned", sign: 1 },
  { value: "damaged", label: "Damaged", sign: -1 },
  { value: "gift", label: "Given away", sign: -1 },
  { value: "correction", label: "Correction, + or −", sign: 0 },
] as const;

export const signOf = (reason: string): number => reasons.find(({ value }) => value === reason)?.sign ?? 0;

export const reasonWords: Record<string, string> = {
  received: "Received",
  sold: "Sold",
  shipped: "Shipped",
  returned: "Came back",
  damaged: "Damaged",
  counted: "Counted",
  gift: "Given away",
  correction: "Correction",
};

/** What a shopper meets when there is none left; empty where that is the usual: it is sold out. */
export function whenOut({
  tracked,
  policy,
  expected_on,
}: Pick<InventoryRow, "tracked" | "policy" | "expected_on">): string {
  if (!tracked) return "Never runs out";
  if (policy === "deny") return "";
  const name = policy === "preorder" ? "Pre-order" : "Backorder";
  return expected_on ? `${name}, comes ${onDay(expected_on)}` : `${name}, no day yet`;
}
