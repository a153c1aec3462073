import { useEffect } from "react";
import { useRevalidator } from "react-router";

/** Asks again while something is under way, and not while nobody looks. */
export function useWatch(open: boolean) {
  const { revalidate } = useRevalidator();
  useEffect(() => {
    if (!open) return;
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") void revalidate();
    }, 1500);
    return () => clearInterval(timer);
  }, [open, revalidate]);
}
