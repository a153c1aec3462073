import { type RefObject, useEffect, useRef, useState } from "react";
import { useKeys } from "./useKeys";

/** j and k go down and up the rows of a table, Enter opens the one they stand on; that row is kept in view. */
export function useRowKeys<Row>(
  rows: Row[],
  open: (row: Row) => void,
): { at: number; body: RefObject<HTMLTableSectionElement | null> } {
  const [at, stand] = useState(-1);
  const body = useRef<HTMLTableSectionElement>(null);
  const go = (to: number) => stand(Math.max(0, Math.min(to, rows.length - 1)));
  useKeys({
    j: () => go(at + 1),
    k: () => go(at - 1),
    Enter: () => {
      const row = rows[at];
      if (row !== undefined) open(row);
    },
  });
  useEffect(() => {
    body.current?.children[at]?.scrollIntoView({ block: "nearest" });
  }, [at]);
  return { at, body };
}
