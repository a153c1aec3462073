import { isProblem, type Problem } from "@noirel/shared/api/problem";
import type { Cart, CartLine, Gift } from "@noirel/shared/api/types";
import { createContext, type ReactNode, useContext, useEffect, useMemo, useReducer, useRef } from "react";
import { useExternalChanges } from "../payment/external-changes";
import { mayBeMember, personal, useSession } from "../session/session";
import { BagSheet } from "./bag-sheet";
import { coalescer } from "./coalesce";
import { isAccountBag, keepBag, keptBag } from "./kept-id";
import { type BagState, bagReducer, countOf, EMPTY, pieceName, type Removed } from "./reducer";

export type NewLine = { sku: string; quantity: number; engraving?: string | null };
export type CartChange = Partial<
  Pick<Cart, "email" | "note" | "samples" | "country" | "postcode" | "shipping_method">
> & { gift?: Partial<Gift> };

export type Bag = Omit<BagState, "sheet"> & {
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

const BagContext = createContext<Bag | null>(null);

/** Seconds a removal can be taken back. */
const UNDO_FOR = 8;

export function refusal(error: unknown): string {
  if (!isProblem(error)) throw error;
  const problem = error as Problem;
  if (problem.status === 0) return "The shop could not be reached. Nothing was changed.";
  if (problem.code === "out_of_stock") {
    const [line] = (problem.extra.lines ?? []) as { available: number }[];
    if (line) return line.available > 0 ? `Only ${line.available} left.` : "The last one has just gone.";
  }
  return problem.detail || problem.title || "That did not work. Try again.";
}

export function BagProvider({ children }: { children: ReactNode }) {
  const { status, user } = useSession();
  const [state, dispatch] = useReducer(bagReducer, EMPTY);
  const id = useRef<string | null>(null);
  const member = user?.id ?? null;
  const owner = useRef<string | null>(null);

  const actions = useMemo(() => {
    const send = async (method: "GET" | "POST" | "PATCH" | "DELETE", url: string, data?: object): Promise<Cart> => {
      const { send } = await personal();
      return send<Cart>({ method, url, ...(data && { data }) });
    };
    // One change after the other: a later one is never overtaken, and its answer is the newest.
    let changes: Promise<unknown> = Promise.resolve();
    const took = (cart: Cart) => {
      id.current = cart.id;
      keepBag(cart.id, owner.current);
    };
    const addLine = async ({ sku, quantity, engraving }: NewLine): Promise<Cart> => {
      const line = { sku, quantity, ...(engraving && { engraving }) };
      if (id.current) {
        try {
          return await send("POST", `/carts/${id.current}/lines`, line);
        } catch (error) {
          // The old bag is gone (bought, or swept away): a new one begins.
          if (!isProblem(error) || error.status !== 404) throw error;
        }
      }
      const cart = await send("POST", "/carts", { lines: [line] });
      took(cart);
      return cart;
    };
    const quantities = coalescer(async (line, quantity) => {
      try {
        const cart = await send("PATCH", `/carts/${id.current}/lines/${line}`, { quantity });
        dispatch({ type: "answered", cart, line, newer: quantities.waits(line) });
      } catch (error) {
        dispatch({ type: "refused", line, why: refusal(error) });
      }
    });
    return {
      took,
      async add(line: NewLine) {
        const cart = await addLine(line);
        dispatch({ type: "answered", cart });
        const added = cart.lines.findLast(
          ({ sku, engraving }) => sku === line.sku && (engraving ?? "") === (line.engraving ?? ""),
        );
        dispatch({ type: "opened", added: added ? pieceName(added) : "" });
      },
      async bring(right: { drop: string; entry: string; token: string }) {
        if (!id.current) took(await send("POST", "/carts", {}));
        dispatch({ type: "answered", cart: await send("POST", `/carts/${id.current}/rights`, right) });
        dispatch({ type: "opened", added: "" });
      },
      setQuantity(line: CartLine, quantity: number) {
        dispatch({ type: "wanted", line: line.id, quantity });
        quantities.set(line.id, quantity);
      },
      async remove(line: CartLine) {
        quantities.drop(line.id);
        dispatch({ type: "going", line });
        try {
          const cart = await send("DELETE", `/carts/${id.current}/lines/${line.id}`);
          dispatch({ type: "answered", cart, line: line.id });
        } catch (error) {
          dispatch({ type: "refused", line: line.id, why: refusal(error) });
        }
      },
      async undo({ sku, quantity, engraving }: Removed) {
        dispatch({ type: "forgotten" });
        dispatch({ type: "answered", cart: await addLine({ sku, quantity, engraving }) });
      },
      async change(change: CartChange) {
        const turn = changes.then(() => send("PATCH", `/carts/${id.current}`, change));
        changes = turn.catch(() => undefined);
        const cart = await turn;
        dispatch({ type: "answered", cart });
        return cart;
      },
      async reload() {
        // What was just written or chosen belongs to what is read, and to what is bought after it.
        await changes;
        if (!id.current) return null;
        try {
          const cart = await send("GET", `/carts/${id.current}`);
          dispatch({ type: "read", cart });
          return cart;
        } catch (error) {
          if (!isProblem(error) || error.status !== 404) throw error;
          id.current = null;
          keepBag(null);
          dispatch({ type: "read", cart: null });
          return null;
        }
      },
      async mine() {
        const cart = await send("GET", "/cart");
        took(cart);
        dispatch({ type: "read", cart });
      },
      forget() {
        id.current = null;
        keepBag(null);
        dispatch({ type: "read", cart: null });
      },
      open: () => dispatch({ type: "opened", added: "" }),
      close: () => dispatch({ type: "shut" }),
    };
  }, []);

  const was = useRef<string | null>(null);
  useEffect(() => {
    if (status === "unknown") return;
    const left = was.current !== null && member === null;
    was.current = member;
    owner.current = member;
    if (left) {
      actions.forget();
      return;
    }
    if (member === null) {
      if (isAccountBag()) {
        // The session ended, here or on another page: its bag is not a guest's. While it may only be unreachable, it is kept.
        if (mayBeMember()) dispatch({ type: "unreachable" });
        else actions.forget();
        return;
      }
      id.current = keptBag();
      if (!id.current) {
        dispatch({ type: "read", cart: null });
        return;
      }
    }
    // Unreachable: the count stays unknown, and the page is not stopped by it.
    (member ? actions.mine() : actions.reload()).catch(() => dispatch({ type: "unreachable" }));
  }, [status, member, actions]);

  // Bought, cancelled or filled in another tab; a page that was away shows the bag as it is now.
  useExternalChanges(() => {
    if (status === "unknown" || (member === null && isAccountBag())) return;
    // Another tab may have begun a new bag; without storage this tab's own is the only one.
    if (member === null) id.current = keptBag() ?? id.current;
    actions.reload().catch(() => undefined);
  });

  const { removed } = state;
  useEffect(() => {
    if (!removed) return;
    const timer = setTimeout(() => dispatch({ type: "forgotten" }), UNDO_FOR * 1000);
    return () => clearTimeout(timer);
  }, [removed]);

  const bag = useMemo<Bag>(() => ({ ...state, ...actions, count: countOf(state) }), [state, actions]);
  return (
    <BagContext value={bag}>
      {children}
      <BagSheet />
    </BagContext>
  );
}

export function useBag(): Bag {
  const bag = useContext(BagContext);
  if (!bag) throw new Error("useBag needs a BagProvider above it.");
  return bag;
}
