import { useEffect, useRef } from "react";

/**
 * Changes that were made outside the page that shows them: in another tab of this browser, at the bank, or while the page was
 * in the background or in the back/forward cache.
 */
const CHANNEL = "noirel.orders";

/** Events of one change arrive together: a page restored from the cache is shown and becomes visible. */
const TOGETHER = 50; // milliseconds

/** Tells every page of this browser, this one included, that an order or the bag has changed. */
export function announceChange(): void {
  if (typeof BroadcastChannel === "undefined") return;
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage(null);
  channel.close();
}

/**
 * Calls `refresh` whenever the server may know more than this page: an order or the bag changed in another tab, the page became
 * visible again, or it was restored from the back/forward cache. Nothing of what it shows may be assumed to be current then.
 */
export function useExternalChanges(refresh: () => void): void {
  const latest = useRef(refresh);
  useEffect(() => {
    latest.current = refresh;
  });
  useEffect(() => {
    let channel: BroadcastChannel | null = null;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const changed = () => {
      clearTimeout(timer);
      timer = setTimeout(() => latest.current(), TOGETHER);
    };
    // An open channel keeps a page out of the back/forward cache of some browsers.
    const close = () => {
      channel?.close();
      channel = null;
    };
    const open = () => {
      if (channel || typeof BroadcastChannel === "undefined") return;
      channel = new BroadcastChannel(CHANNEL);
      channel.onmessage = changed;
    };
    const shown = ({ persisted }: PageTransitionEvent) => {
      open();
      if (persisted) changed();
    };
    const visible = () => {
      if (document.visibilityState === "visible") changed();
    };
    open();
    window.addEventListener("pageshow", shown);
    window.addEventListener("pagehide", close);
    document.addEventListener("visibilitychange", visible);
    return () => {
      clearTimeout(timer);
      close();
      window.removeEventListener("pageshow", shown);
      window.removeEventListener("pagehide", close);
      document.removeEventListener("visibilitychange", visible);
    };
  }, []);
}
