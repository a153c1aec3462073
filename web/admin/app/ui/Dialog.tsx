import { type ReactNode, useEffect, useId, useRef } from "react";

/** A native modal dialog: the page behind is inert, Esc and the scrim close it, focus returns to the opener. */
export function Dialog({
  title,
  open,
  onClose,
  children,
}: {
  title: string;
  open: boolean;
  onClose: () => void;
  children: ReactNode;
}) {
  const ref = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    const dialog = ref.current;
    if (!dialog) return;
    if (open && !dialog.open) dialog.showModal();
    if (!open && dialog.open) dialog.close();
  }, [open]);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Esc closes a native dialog; the click is the scrim's
    <dialog
      ref={ref}
      aria-labelledby={heading}
      onClose={onClose}
      onClick={(event) => {
        if (event.target === ref.current) onClose();
      }}
      className="m-auto w-[min(30rem,calc(100vw-2rem))] rounded-panel border border-line bg-raised p-0 text-ink backdrop:bg-[oklch(0.168_0.014_310/0.45)]"
    >
      {open ? (
        <div className="p-5">
          <h2 id={heading} className="pb-4 font-display text-xl leading-tight font-light">
            {title}
          </h2>
          {children}
        </div>
      ) : null}
    </dialog>
  );
}
