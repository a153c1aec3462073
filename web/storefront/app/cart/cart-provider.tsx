import { isProblem } from "@noirel/shared/api/problem";
import type { Cart, CartLine } from "@noirel/shared/api/types";
import { type ReactNode, useEffect, useMemo, useReducer, useRef } from "react";
import { useExternalChanges } from "../payment/external-changes";
import { mayBeMember, personal, useSession } from "../session/session";
import { type CartChange, CartContext, type CartContextValue, type NewLine, refusalMessage } from "./cart-context";
import { isAccountCart, storeCartId, storedCartId } from "./cart-id";
import { CartSheet } from "./cart-sheet";
import { coalescer } from "./coalesce";
import { cartReducer, countOf, EMPTY, pieceName, type Removed } from "./reducer";

/** Seconds a removal can be taken back. */
const UNDO_FOR = 8;

export function CartProvider({ children }: { children: ReactNode }) {
  const { status, user } = useSession();
  const [state, dispatch] = useReducer(cartReducer, EMPTY);
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
      storeCartId(cart.id, owner.current);
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
        dispatch({ type: "refused", line, why: refusalMessage(error) });
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
          dispatch({ type: "refused", line: line.id, why: refusalMessage(error) });
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
          storeCartId(null);
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
        storeCartId(null);
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
      if (isAccountCart()) {
        // The session ended, here or on another page: its bag is not a guest's. While it may only be unreachable, it is kept.
        if (mayBeMember()) dispatch({ type: "unreachable" });
        else actions.forget();
        return;
      }
      id.current = storedCartId();
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
    if (status === "unknown" || (member === null && isAccountCart())) return;
    // Another tab may have begun a new bag; without storage this tab's own is the only one.
    if (member === null) id.current = storedCartId() ?? id.current;
    actions.reload().catch(() => undefined);
  });

  const { removed } = state;
  useEffect(() => {
    if (!removed) return;
    const timer = setTimeout(() => dispatch({ type: "forgotten" }), UNDO_FOR * 1000);
    return () => clearTimeout(timer);
  }, [removed]);

  const bag = useMemo<CartContextValue>(() => ({ ...state, ...actions, count: countOf(state) }), [state, actions]);
  return (
    <CartContext value={bag}>
      {children}
      <CartSheet />
    </CartContext>
  );
}
