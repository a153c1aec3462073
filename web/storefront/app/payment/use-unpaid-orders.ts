import { isProblem } from "@noirel/shared/api/problem";
import type { Order, OrderCard, Page } from "@noirel/shared/api/types";
import { useCallback, useEffect, useRef, useState } from "react";
import { personal, useSession } from "../session/session";
import { useExternalChanges } from "./external-changes";
import { hasEnded, isSettled, orderCall } from "./read";
import { forgetUnpaid, unpaidNumbers } from "./unpaid-numbers";

/** Seconds between reads while a payment may be on its way. */
const EVERY = 8;
/** A hold lasts minutes: an order that is still unpaid is among the latest. */
const LATEST = 20;

export type UnpaidOrders = {
  /** False until the orders have been read once, or could not be. */
  isLoaded: boolean;
  /** Still held, or with the bank. */
  open: Order[];
  /** Paid, expired or cancelled since this page has known them. */
  closed: Order[];
  /** When they were read. */
  read: string;
  /** Cancels one; its units go back to the bag. Rejects with a Problem. */
  cancel: (number: string) => Promise<void>;
};

/** The orders of this shopper that wait for their payment: those placed in this browser, and those of the account. */
export function useUnpaidOrders(): UnpaidOrders {
  const { status } = useSession();
  const [orders, setOrders] = useState<Order[]>([]);
  const [isLoaded, setLoaded] = useState(false);
  const [read, setRead] = useState(() => new Date(0).toISOString());
  const numbers = useRef(new Set<string>());
  const isUnmounted = useRef(false);

  const load = useCallback(async () => {
    if (status === "unknown") return;
    for (const number of unpaidNumbers()) numbers.current.add(number);
    try {
      if (status === "member") for (const number of await unpaidOfAccount()) numbers.current.add(number);
      const found = await Promise.all([...numbers.current].map(readOrder));
      if (isUnmounted.current) return;
      setOrders(found.flatMap((order) => (order ? [order] : [])).sort((a, b) => (a.placed_at < b.placed_at ? 1 : -1)));
    } catch (error) {
      // Not reached: what is shown stays until the next read.
      if (!isProblem(error)) throw error;
    }
    if (isUnmounted.current) return;
    setRead(new Date().toISOString());
    setLoaded(true);
  }, [status]);

  useEffect(() => {
    isUnmounted.current = false;
    void load();
    return () => {
      isUnmounted.current = true;
    };
  }, [load]);
  useExternalChanges(() => void load());

  const open = orders.filter((order) => !isSettled(order) && !hasEnded(order));
  const waits = open.length > 0;
  useEffect(() => {
    if (!waits) return;
    const timer = setInterval(() => document.visibilityState === "visible" && void load(), EVERY * 1000);
    return () => clearInterval(timer);
  }, [waits, load]);

  const cancel = async (number: string) => {
    try {
      await orderCall<Order>(number, "/cancel", { reason: "" });
    } finally {
      await load();
    }
  };
  return { isLoaded, open, closed: orders.filter((order) => !open.includes(order)), read, cancel };
}

async function unpaidOfAccount(): Promise<string[]> {
  const { send } = await personal();
  const { results } = await send<Page<OrderCard>>({ url: "/me/orders", params: { limit: LATEST } });
  return results
    .filter((order) => order.status === "pending_payment" && order.payment_status !== "authorized")
    .map(({ number }) => number);
}

/** An order, or null where this shopper can't open it any more. */
async function readOrder(number: string): Promise<Order | null> {
  try {
    return await orderCall(number);
  } catch (error) {
    if (!isProblem(error) || error.status !== 404) throw error;
    forgetUnpaid(number);
    return null;
  }
}
