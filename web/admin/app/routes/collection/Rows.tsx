import { defaultRangeExtractor, useVirtualizer } from "@tanstack/react-virtual";
import { ArrowUpToLine } from "lucide-react";
import { type PointerEvent, useCallback, useEffect, useRef, useState } from "react";
import { Link } from "react-router";
import type { CollectionItem } from "../../catalogue";
import { Button } from "../../ui/Button";
import { control } from "../../ui/Field";
import { Handle, holdAgain } from "../../ui/Handle";
import { placeBy } from "../../ui/order";

const ROW = 44; // px, until a row is measured
const EDGE = 48; // px from the list's upper or lower edge within which a held row scrolls it
const STEP = 12; // px a frame

/** Products in order, of which only those in sight are painted: there may be thousands. */
export function Rows({
  products,
  onMove,
  onRemove,
  editable,
}: {
  products: CollectionItem[];
  onMove: (from: number, to: number) => void;
  onRemove: (slug: string) => void;
  editable: boolean;
}) {
  const frame = useRef<HTMLDivElement>(null);
  const [held, hold] = useState(""); // the row with the focus is painted wherever it stands: what is typed there stays
  const at = products.findIndex(({ slug }) => slug === held);
  const rows = useVirtualizer({
    count: products.length,
    getScrollElement: () => frame.current,
    estimateSize: () => ROW,
    getItemKey: useCallback((index: number) => products[index]?.slug ?? index, [products]),
    overscan: 8,
    rangeExtractor: (range) => {
      const seen = defaultRangeExtractor(range);
      return at < 0 || seen.includes(at) ? seen : [...seen, at].sort((one, other) => one - other);
    },
    useFlushSync: false,
  });
  const drag = useDrag({ frame, rowAt: (y) => rows.getVirtualItemForOffset(y)?.index, onDrop: move });

  function move(from: number, to: number | null) {
    const slug = products[from]?.slug;
    if (to === null || slug === undefined || from === to) return;
    onMove(from, to);
    hold(slug);
    holdAgain(slug);
    requestAnimationFrame(() => rows.scrollToIndex(to)); // what has the focus already is not scrolled to by it
  }
  function remove(from: number, slug: string) {
    const next = (products[from + 1] ?? products[from - 1])?.slug;
    onRemove(slug);
    if (next === undefined) return;
    hold(next);
    holdAgain(next);
  }
  return (
    <div ref={frame} className="max-h-[min(36rem,75vh)] overflow-y-auto border-t border-line">
      <ol className="relative" style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map(({ index, key, start }) => {
          const one = products[index];
          if (!one) return null;
          const { slug, name, status } = one;
          return (
            <li
              key={key}
              ref={rows.measureElement}
              data-index={index}
              data-over={drag.over === index || undefined}
              aria-setsize={products.length}
              aria-posinset={index + 1}
              onFocus={() => hold(slug)}
              style={{ transform: `translateY(${start}px)` }}
              className={`absolute inset-x-0 top-0 flex flex-wrap items-center gap-x-2 border-b border-line px-2 py-1 ${
                drag.over === index && drag.from !== index
                  ? drag.from < index
                    ? "shadow-[inset_0_-2px_0_var(--color-ink)]"
                    : "shadow-[inset_0_2px_0_var(--color-ink)]"
                  : ""
              } ${drag.from === index ? "bg-sunk" : ""}`}
            >
              {editable ? (
                <>
                  <Handle
                    id={slug}
                    label={`Move ${name}`}
                    onMove={(key) => move(index, placeBy(key, index, products.length))}
                    pointer={drag.of(index)}
                  />
                  <Place name={name} at={index} count={products.length} onMove={(to) => move(index, to)} />
                </>
              ) : (
                <span className="min-w-8 flex-none text-end text-xs text-ink-3 tabular-nums">{index + 1}</span>
              )}
              <span className="min-w-40 flex-1 break-words">
                <Link to={`/products/${slug}`} className="underline-offset-4 hover:underline">
                  {name}
                </Link>
                {status === "active" ? null : <span className="text-ink-3">, {status}</span>}
              </span>
              {editable ? (
                <span className="ms-auto flex gap-2">
                  <Button
                    aria-label={`Move ${name} to the top`}
                    title="To the top"
                    disabled={index === 0}
                    onClick={() => move(index, 0)}
                  >
                    <ArrowUpToLine size={16} strokeWidth={1.5} aria-hidden="true" />
                  </Button>
                  <Button aria-label={`Remove ${name}`} onClick={() => remove(index, slug)}>
                    Remove
                  </Button>
                </span>
              ) : null}
            </li>
          );
        })}
      </ol>
    </div>
  );
}

/** A row's number, which takes the row where it is typed to: on Enter, or when it is left. */
function Place({ name, at, count, onMove }: { name: string; at: number; count: number; onMove: (to: number) => void }) {
  const [typed, type] = useState<string | null>(null);
  function go() {
    if (typed === null) return;
    type(null);
    const wanted = Number(typed);
    if (wanted > 0) onMove(Math.min(wanted, count) - 1);
  }
  return (
    <input
      aria-label={`Place of ${name}`}
      inputMode="numeric"
      autoComplete="off"
      value={typed ?? at + 1}
      onFocus={({ target }) => target.select()}
      onChange={({ target }) => type(target.value.replace(/\D/g, "").slice(0, 4))}
      onBlur={go}
      onKeyDown={(event) => {
        if (event.key === "Escape") type(null);
        if (event.key !== "Enter") return;
        event.preventDefault(); // which would save the form
        go();
      }}
      className={`${control} h-8.5 w-16! flex-none px-1.5! text-end tabular-nums max-desk:h-11`}
    />
  );
}

/** A row held by its handle: a mouse, a pen or a finger takes it along, and at the list's edges the list scrolls. */
function useDrag({
  frame,
  rowAt,
  onDrop,
}: {
  frame: { current: HTMLDivElement | null };
  rowAt: (y: number) => number | undefined;
  onDrop: (from: number, to: number) => void;
}) {
  const [row, take] = useState<{ from: number; over: number } | null>(null);
  const pointer = useRef(0); // its y in the window
  const find = useRef(rowAt);
  find.current = rowAt;
  const active = row !== null;
  useEffect(() => {
    if (!active) return;
    let next = 0;
    const follow = () => {
      const list = frame.current;
      if (!list) return;
      const { top, bottom } = list.getBoundingClientRect();
      if (pointer.current < top + EDGE) list.scrollTop -= STEP;
      if (pointer.current > bottom - EDGE) list.scrollTop += STEP;
      const y = Math.min(Math.max(pointer.current, top), bottom - 1) - top + list.scrollTop;
      const over = find.current(y);
      if (over !== undefined) take((was) => (was && was.over !== over ? { ...was, over } : was));
      next = requestAnimationFrame(follow);
    };
    next = requestAnimationFrame(follow);
    const letGo = (event: KeyboardEvent) => event.key === "Escape" && take(null);
    window.addEventListener("keydown", letGo);
    return () => {
      cancelAnimationFrame(next);
      window.removeEventListener("keydown", letGo);
    };
  }, [active, frame]);
  return {
    from: row?.from ?? -1,
    over: row?.over ?? -1,
    of: (index: number) => ({
      onPointerDown: (event: PointerEvent<HTMLElement>) => {
        if (event.button !== 0 || !event.isPrimary) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        pointer.current = event.clientY;
        take({ from: index, over: index });
      },
      onPointerMove: (event: PointerEvent<HTMLElement>) => {
        pointer.current = event.clientY;
      },
      onPointerUp: () => {
        if (row && row.from !== row.over) onDrop(row.from, row.over);
        take(null);
      },
      onPointerCancel: () => take(null),
    }),
  };
}
