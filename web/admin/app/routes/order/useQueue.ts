import { useEffect, useState } from "react";
import { reviewQueue } from "../../api";
import { hasPermission } from "../../session/session";
import type { AdminOrder, ReviewItem } from "../../types";

const NONE: ReviewItem[] = [];

/** What of this order waits in the review queue, for those who may decide on it; asked for only where something may. */
export function useQueue(order: AdminOrder, isWanted: boolean): ReviewItem[] {
  const [items, set] = useState(NONE);
  const asks = isWanted && order.as_of === null && hasPermission("orders.refund");
  useEffect(() => {
    if (!asks) {
      set(NONE);
      return;
    }
    const stop = new AbortController();
    reviewQueue.list({ order: order.number }, stop.signal).then(
      ({ results }) => set(results),
      () => undefined, // the link is a short cut; without it the queue is still in the navigation
    );
    return () => stop.abort();
  }, [asks, order]);
  return asks ? items : NONE;
}
