import { useEffect, useState } from "react";
import { products } from "../api";

const PAUSE = 250; // ms after the last letter
export type Named = { slug: string; name: string };
/** `answer` is null while nothing is asked, or nobody has answered yet. */
export type ProductMatches = { answer: Named[] | null; hasFailed: boolean };

const NOTHING: ProductMatches = { answer: null, hasFailed: false };

/** The first products that what is typed may mean, free samples apart. */
export function useProducts(asked: string): ProductMatches {
  const [found, find] = useState(NOTHING);
  useEffect(() => {
    find(NOTHING);
    if (!asked.trim()) return;
    const stop = new AbortController();
    const timer = setTimeout(async () => {
      try {
        const { results } = await products.list({ q: asked, sample: "false", limit: "6" }, stop.signal);
        find({ answer: results, hasFailed: false });
      } catch {
        if (!stop.signal.aborted) find({ answer: null, hasFailed: true });
      }
    }, PAUSE);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [asked]);
  return found;
}
