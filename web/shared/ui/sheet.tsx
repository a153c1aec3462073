import { type ReactNode, type SyntheticEvent, useEffect, useId, useRef } from "react";
import { Close } from "./icons";

type SheetProps = {
  open: boolean;
  onClose: () => void;
  title: ReactNode;
  /** Edge it comes from. */
  from?: "end" | "start" | "bottom";
  children: ReactNode;
  footer?: ReactNode;
};

const EDGE = {
  end: "ms-auto me-0 h-dvh w-full max-w-sheet border-s",
  start: "ms-0 me-auto h-dvh w-full max-w-sheet border-e",
  bottom: "mx-0 mt-auto mb-0 max-h-[88dvh] w-full border-t",
} as const;

/** A native modal dialog at an edge of the page: named by its heading, closed by Esc, its scrim or its button. */
export function Sheet({ open, onClose, title, from = "end", children, footer }: SheetProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const id = useId();

  useEffect(() => {
    const element = dialog.current;
    if (!element) return;
    if (open && !element.open) {
      element.showModal();
      heading.current?.focus();
    } else if (!open && element.open) {
      element.close();
    }
  }, [open]);

  const onScrim = (event: SyntheticEvent) => {
    if (event.target === dialog.current) onClose();
  };

  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keyboard closes it by Esc, which a native dialog does itself.
    <dialog
      ref={dialog}
      aria-labelledby={id}
      onClose={onClose}
      onClick={onScrim}
      data-from={from}
      className={`sheet fixed m-0 max-h-none border-line bg-raised p-0 text-ink ${EDGE[from]}`}
    >
      <div className="flex h-full max-h-[inherit] flex-col">
        <header className="flex items-center justify-between gap-4 px-gutter py-5">
          <h2 id={id} ref={heading} tabIndex={-1} className="display text-xl">
            {title}
          </h2>
          <button type="button" onClick={onClose} aria-label="Close" className="-me-3 grid size-11 place-items-center">
            <Close />
          </button>
        </header>
        <div className="min-h-0 flex-1 overflow-y-auto overscroll-contain px-gutter pb-8">{children}</div>
        {footer && (
          <footer className="border-t border-line px-gutter pt-4 pb-[calc(1rem+env(safe-area-inset-bottom))]">
            {footer}
          </footer>
        )}
      </div>
    </dialog>
  );
}
