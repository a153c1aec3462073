import { useEffect, useState } from "react";
import { products } from "../api";

const PAUSE = 250; // ms after the last letter
export type Named = { slug: string; name: string };

/** The first products that what is typed may mean, free samples apart; none when nothing is typed, or nobody answers. */
export function useProducts(asked: string): Named[] {
  const [found, find] = useState<Named[]>([]);
  useEffect(() => {
    if (!asked.trim()) {
      find([]);
      return;
    }
    const stop = new AbortController();
    const timer = setTimeout(async () => {
      try {
        find((await products.list({ q: asked, sample: "false", limit: "6" }, stop.signal)).results);
      } catch {
        find([]);
      }
    }, PAUSE);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [asked]);
  return found;
}
