import { createContext, type ReactNode, useContext, useMemo } from "react";

export type Bag = {
  /** Pieces in the bag; null until the browser knows. */
  count: number | null;
  /** Adds to the bag and opens the sheet. Rejects with a Problem. */
  add: (line: { sku: string; quantity: number; engraving?: string | null }) => Promise<void>;
  open: () => void;
};

const BagContext = createContext<Bag | null>(null);

export function BagProvider({ children }: { children: ReactNode }) {
  const bag = useMemo<Bag>(
    () => ({ count: null, add: () => Promise.reject(new Error("not here yet")), open: () => {} }),
    [],
  );
  return <BagContext value={bag}>{children}</BagContext>;
}

export function useBag(): Bag {
  const bag = useContext(BagContext);
  if (!bag) throw new Error("useBag needs a BagProvider above it.");
  return bag;
}
