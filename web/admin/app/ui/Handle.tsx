import { GripVertical } from "lucide-react";
import type { DOMAttributes } from "react";

const KEYS = ["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", "Home", "End"];

/** What a row is held by: it is dragged by the mouse, and moved with the arrows once it has the focus. */
export function Handle({
  id,
  label,
  onMove,
  onOpen,
  pointer,
}: {
  id: string;
  label: string;
  onMove: (key: string) => void;
  onOpen?: (() => void) | undefined;
  /** Where a mouse, a pen or a finger drags by the handle itself, and not by its row. */
  pointer?: DOMAttributes<HTMLElement> | undefined;
}) {
  return (
    <button
      type="button"
      data-handle={id}
      aria-label={label}
      title={onOpen ? "Drag it, use the arrow keys, or click for a list of places" : "Drag it or use the arrow keys"}
      {...pointer}
      onClick={onOpen}
      onKeyDown={(event) => {
        if (event.metaKey || event.ctrlKey || event.altKey || !KEYS.includes(event.key)) return;
        event.preventDefault();
        onMove(event.key);
      }}
      className={`inline-grid size-7 flex-none cursor-grab place-items-center rounded-admin text-ink-3 hover:bg-sunk hover:text-ink active:cursor-grabbing max-desk:size-11 ${
        pointer ? "touch-none" : ""
      }`}
    >
      <GripVertical size={16} strokeWidth={1.5} aria-hidden="true" />
    </button>
  );
}

/** A row that moves in the document loses the focus; this gives it back once it stands. */
export function holdAgain(id: string): void {
  requestAnimationFrame(() => document.querySelector<HTMLElement>(`[data-handle="${CSS.escape(id)}"]`)?.focus());
}
