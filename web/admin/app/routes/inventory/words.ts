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
  returned: "Returned",
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

/** What to ask the server for. Free samples have a view of their own; a search, and what runs low, include them. */
export function whereOf(params: URLSearchParams): Record<string, string> {
  const [q, low] = [params.get("q"), params.get("low")];
  const sample = params.get("view") === "samples" ? "true" : q || low ? "" : "false";
  return { ...(q && { q }), ...(low && { low }), ...(sample && { sample }) };
}

/** What an empty list says: of a search, of what runs low, of the samples, or of a shop without variants. */
export function emptyOf(params: URLSearchParams): string {
  const q = params.get("q");
  if (q) return `No variant matches “${q}”.`;
  if (params.get("low") === "true") return "Nothing is running low.";
  return params.get("view") === "samples" ? "No free samples." : "No variants yet.";
}
