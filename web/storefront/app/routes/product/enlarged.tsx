import type { Picture as PictureData } from "@noirel/shared/api/types";
import { Chevron, Close, Minus, Plus } from "@noirel/shared/ui/icons";
import { Picture } from "@noirel/shared/ui/picture";
import { type PointerEvent, useEffect, useRef, useState } from "react";

type View = { scale: number; x: number; y: number };
const REST: View = { scale: 1, x: 0, y: 0 };
const MOST = 4;
/** How far a finger goes before it means another picture, or away, in CSS pixels. */
const SWIPE = 70;

type EnlargedProps = { pictures: PictureData[]; at: number; onClose: () => void; onMove: (index: number) => void };

/** One picture as large as the window: wheel, keys, double tap and pinch come nearer, drag moves, a swipe goes on or away. */
export default function Enlarged({ pictures, at, onClose, onMove }: EnlargedProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const stage = useRef<HTMLDivElement>(null);
  const fingers = useRef(new Map<number, { x: number; y: number }>());
  const began = useRef<{ x: number; y: number; apart: number; view: View } | null>(null);
  const [index, setIndex] = useState(at);
  const [view, setView] = useState(REST);
  const picture = pictures[index];

  useEffect(() => {
    const element = dialog.current;
    if (element && !element.open) element.showModal();
  }, []);

  const held = (next: View): View => {
    const box = stage.current?.getBoundingClientRect();
    const scale = Math.min(MOST, Math.max(1, next.scale));
    const reachX = ((box?.width ?? 0) * (scale - 1)) / 2;
    const reachY = ((box?.height ?? 0) * (scale - 1)) / 2;
    return { scale, x: Math.min(reachX, Math.max(-reachX, next.x)), y: Math.min(reachY, Math.max(-reachY, next.y)) };
  };
  /** Comes nearer about a point of the window, which stays where it is. */
  const zoom = (factor: number, clientX?: number, clientY?: number) =>
    setView((before) => {
      const box = stage.current?.getBoundingClientRect();
      const scale = Math.min(MOST, Math.max(1, before.scale * factor));
      const ratio = scale / before.scale;
      const px = box && clientX !== undefined ? clientX - box.left - box.width / 2 : 0;
      const py = box && clientY !== undefined ? clientY - box.top - box.height / 2 : 0;
      return held({ scale, x: px - (px - before.x) * ratio, y: py - (py - before.y) * ratio });
    });
  const show = (next: number) => {
    const to = Math.max(0, Math.min(pictures.length - 1, next));
    setIndex(to);
    setView(REST);
    onMove(to);
  };

  const wheel = useRef(zoom);
  wheel.current = zoom;
  useEffect(() => {
    const element = stage.current;
    // React listens to the wheel passively; here the page must not move with it.
    const turn = (event: WheelEvent) => {
      event.preventDefault();
      wheel.current(Math.exp(-event.deltaY / 400), event.clientX, event.clientY);
    };
    element?.addEventListener("wheel", turn, { passive: false });
    return () => element?.removeEventListener("wheel", turn);
  }, []);

  const spread = () => {
    const [one, two] = [...fingers.current.values()];
    return one && two
      ? { x: (one.x + two.x) / 2, y: (one.y + two.y) / 2, apart: Math.hypot(one.x - two.x, one.y - two.y) }
      : { x: one?.x ?? 0, y: one?.y ?? 0, apart: 0 };
  };
  const onDown = (event: PointerEvent<HTMLDivElement>) => {
    event.currentTarget.setPointerCapture(event.pointerId);
    fingers.current.set(event.pointerId, { x: event.clientX, y: event.clientY });
    began.current = { ...spread(), view };
  };
  const onMovePointer = (event: PointerEvent<HTMLDivElement>) => {
    if (!fingers.current.has(event.pointerId) || !began.current) return;
    fingers.current.set(event.pointerId, { x: event.clientX, y: event.clientY });
    const now = spread();
    const { view: from, ...start } = began.current;
    if (now.apart && start.apart) {
      setView(
        held({
          scale: from.scale * (now.apart / start.apart),
          x: from.x + now.x - start.x,
          y: from.y + now.y - start.y,
        }),
      );
    } else if (from.scale > 1) {
      setView(held({ ...from, x: from.x + now.x - start.x, y: from.y + now.y - start.y }));
    }
  };
  const onUp = (event: PointerEvent<HTMLDivElement>) => {
    const start = began.current;
    fingers.current.delete(event.pointerId);
    if (start && start.view.scale === 1 && !start.apart && fingers.current.size === 0) {
      const dx = event.clientX - start.x;
      const dy = event.clientY - start.y;
      if (Math.abs(dx) > SWIPE && Math.abs(dx) > Math.abs(dy)) show(index + (dx < 0 ? 1 : -1));
      else if (dy > SWIPE) onClose();
    }
    began.current = fingers.current.size > 0 ? { ...spread(), view } : null;
  };

  const part = "grid size-11 place-items-center disabled:opacity-40";
  return (
    <dialog
      ref={dialog}
      aria-label={`Picture ${index + 1} of ${pictures.length}`}
      onClose={onClose}
      onKeyDown={(event) => {
        if (event.key === "+" || event.key === "=") zoom(1.5);
        else if (event.key === "-") zoom(1 / 1.5);
        else if (event.key === "ArrowRight") show(index + 1);
        else if (event.key === "ArrowLeft") show(index - 1);
      }}
      data-theme="noir"
      className="m-0 size-full max-h-none max-w-none bg-sunk p-0 text-ink"
    >
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the pointer's shortcuts; the buttons and keys beside them do the same. */}
      <div
        ref={stage}
        onPointerDown={onDown}
        onPointerMove={onMovePointer}
        onPointerUp={onUp}
        onPointerCancel={onUp}
        onDoubleClick={(event) => (view.scale > 1 ? setView(REST) : zoom(2.5, event.clientX, event.clientY))}
        className={`absolute inset-0 touch-none overflow-hidden select-none ${view.scale > 1 ? "cursor-grab" : "cursor-zoom-in"}`}
      >
        {picture && (
          <Picture
            picture={picture}
            sizes="200vw"
            draggable={false}
            className="absolute inset-0 size-full object-contain"
            style={{ transform: `translate(${view.x}px, ${view.y}px) scale(${view.scale})` }}
          />
        )}
      </div>
      <div className="absolute end-2 top-2 flex bg-sunk/80">
        <button
          type="button"
          className={part}
          aria-label="Nearer"
          disabled={view.scale >= MOST}
          onClick={() => zoom(1.5)}
        >
          <Plus />
        </button>
        <button
          type="button"
          className={part}
          aria-label="Farther"
          disabled={view.scale <= 1}
          onClick={() => zoom(1 / 1.5)}
        >
          <Minus />
        </button>
        <button type="button" className={part} aria-label="Close" onClick={onClose}>
          <Close />
        </button>
      </div>
      {pictures.length > 1 && (
        <div className="absolute bottom-2 left-1/2 flex -translate-x-1/2 items-center bg-sunk/80 text-sm">
          <button
            type="button"
            className={part}
            aria-label="Picture before"
            disabled={index === 0}
            onClick={() => show(index - 1)}
          >
            <Chevron className="rotate-90" />
          </button>
          <span className="numerals px-2" aria-live="polite">
            {index + 1} of {pictures.length}
          </span>
          <button
            type="button"
            className={part}
            aria-label="Next picture"
            disabled={index === pictures.length - 1}
            onClick={() => show(index + 1)}
          >
            <Chevron className="-rotate-90" />
          </button>
        </div>
      )}
    </dialog>
  );
}
