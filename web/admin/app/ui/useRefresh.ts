import { send } from "@noirel/shared/api/browser";
import { useEffect, useRef } from "react";
import { useRevalidator } from "react-router";

/**
 * Reads the page again every `milliseconds` while `active`, and not while nobody looks. A loader that fails replaces the page and
 * what is typed in it, so the session and the connection are tried first: without them the page stays as it is.
 */
export function useRefresh(active: boolean, milliseconds: number) {
  const { revalidate, state } = useRevalidator();
  const idle = useRef(true);
  idle.current = state === "idle";
  useEffect(() => {
    if (!active) return;
    let isTrying = false;
    let isOver = false;
    const refresh = async () => {
      if (isTrying || !idle.current || document.visibilityState !== "visible") return;
      isTrying = true;
      try {
        await send({ url: "/me" });
        if (!isOver) await revalidate();
      } catch {
        // Signed out, or no answer: the next time may be better.
      } finally {
        isTrying = false;
      }
    };
    const timer = setInterval(() => void refresh(), milliseconds);
    return () => {
      isOver = true;
      clearInterval(timer);
    };
  }, [active, milliseconds, revalidate]);
}
