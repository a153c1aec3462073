import { isProblem, type Problem } from "@noirel/shared/api/problem";
import type { Cart, CartLine, Gift } from "@noirel/shared/api/types";
import { createContext, useContext } from "react";
import type { CartState, Removed } from "./reducer";

export type NewLine = { sku: string; quantity: number; engraving?: string | null };
export type CartChange = Partial<
  Pick<Cart, "email" | "note" | "samples" | "country" | "postcode" | "shipping_method">
> & { gift?: Partial<Gift> };

export type CartContextValue = Omit<CartState, "sheet"> & {
  /** Pieces in the bag; null until the browser knows. */
  count: number | null;
  sheet: string | null;
  /** Adds to the bag and opens the sheet. Rejects with a Problem. */
  add: (line: NewLine) => Promise<void>;
  /** Brings a right that was drawn to the bag, and opens the sheet. Rejects with a Problem. */
  bring: (right: { drop: string; entry: string; token: string }) => Promise<void>;
  /** Shown at once, sent when the presses stop; a refusal puts the old one back and says why. */
  setQuantity: (line: CartLine, quantity: number) => void;
  remove: (line: CartLine) => void;
  undo: (removed: Removed) => Promise<void>;
  /** Note, gift, samples, destination, method. Rejects with a Problem. */
  change: (change: CartChange) => Promise<Cart>;
  /** Reads the bag again. */
  reload: () => Promise<Cart | null>;
  /** After an order: what was in it is no longer in the bag. */
  forget: () => void;
  open: () => void;
  close: () => void;
};

export const CartContext = createContext<CartContextValue | null>(null);

export function refusalMessage(error: unknown): string {
  if (!isProblem(error)) throw error;
  const problem = error as Problem;
  if (problem.status === 0) return "The shop could not be reached. Nothing was changed.";
  if (problem.code === "out_of_stock") {
    const [line] = (problem.extra.lines ?? []) as { available: number }[];
    if (line) return line.available > 0 ? `Only ${line.available} left.` : "The last one has just gone.";
  }
  return problem.detail || problem.title || "That did not work. Try again.";
}

export function useCart(): CartContextValue {
  const bag = useContext(CartContext);
  if (!bag) throw new Error("useBag needs a BagProvider above it.");
  return bag;
}
