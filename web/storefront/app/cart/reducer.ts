import type { Cart, CartLine } from "@noirel/shared/api/types";

export type Removed = { sku: string; quantity: number; engraving: string | null; name: string };
export type CartState = {
  /** null: none yet. */
  cart: Cart | null;
  /** False until the browser has looked. */
  isLoaded: boolean;
  /** The last read did not reach the shop. */
  unreachable: boolean;
  /** Quantities shown before the server has agreed, by line. */
  pendingQuantities: Record<string, number>;
  /** Lines shown as gone before the server has agreed. */
  removing: string[];
  /** Why a line's last change was refused. */
  refused: Record<string, string>;
  removed: Removed | null;
  /** What the sheet opened with: "Encre 50 ml", "" when opened by hand, null when shut. */
  sheet: string | null;
};

export type CartEvent =
  | { type: "read"; cart: Cart | null }
  | { type: "unreachable" }
  | { type: "answered"; cart: Cart; line?: string | undefined; newer?: boolean }
  | { type: "wanted"; line: string; quantity: number }
  | { type: "going"; line: CartLine }
  | { type: "refused"; line: string; why: string }
  | { type: "opened"; added: string }
  | { type: "shut" }
  | { type: "forgotten" };

export const EMPTY: CartState = {
  cart: null,
  isLoaded: false,
  unreachable: false,
  pendingQuantities: {},
  removing: [],
  refused: {},
  removed: null,
  sheet: null,
};

function without<T>(record: Record<string, T>, key: string | undefined): Record<string, T> {
  if (key === undefined || !(key in record)) return record;
  const { [key]: _gone, ...rest } = record;
  return rest;
}

/** The later of two answers: requests of different lines may overtake each other. */
function later(known: Cart | null, answer: Cart): Cart {
  return known && known.id === answer.id && known.updated_at > answer.updated_at ? known : answer;
}

export function cartReducer(state: CartState, event: CartEvent): CartState {
  switch (event.type) {
    case "read":
      return { ...state, cart: event.cart, isLoaded: true, unreachable: false };
    case "unreachable":
      return { ...state, unreachable: true };
    case "answered":
      return {
        ...state,
        isLoaded: true,
        cart: later(state.cart, event.cart),
        pendingQuantities: event.newer ? state.pendingQuantities : without(state.pendingQuantities, event.line),
        refused: without(state.refused, event.line),
        removing: state.removing.filter((id) => id !== event.line),
      };
    case "wanted":
      return {
        ...state,
        pendingQuantities: { ...state.pendingQuantities, [event.line]: event.quantity },
        refused: without(state.refused, event.line),
      };
    case "going":
      return {
        ...state,
        removing: [...state.removing, event.line.id],
        removed: {
          sku: event.line.sku,
          quantity: event.line.quantity,
          engraving: event.line.engraving,
          name: pieceName(event.line),
        },
      };
    case "refused":
      return {
        ...state,
        pendingQuantities: without(state.pendingQuantities, event.line),
        removing: state.removing.filter((id) => id !== event.line),
        refused: { ...state.refused, [event.line]: event.why },
        removed: state.removing.includes(event.line) ? null : state.removed,
      };
    case "opened":
      return { ...state, sheet: event.added };
    case "shut":
      return { ...state, sheet: null };
    case "forgotten":
      return { ...state, removed: null };
  }
}

/** "Encre 50 ml" */
export function pieceName(line: Pick<CartLine, "product" | "variant">): string {
  return [line.product.name, line.variant.title].filter(Boolean).join(" ");
}

/** Pieces as shown, refusals and answers still to come. */
export function countOf(state: CartState): number | null {
  if (!state.isLoaded) return null;
  return (state.cart?.lines ?? [])
    .filter(({ id }) => !state.removing.includes(id))
    .reduce((sum, line) => sum + (state.pendingQuantities[line.id] ?? line.quantity), 0);
}
