import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import { createPortal } from "react-dom";

type Act = { label: string; run: () => void };
type Note = { id: number; text: string; act?: Act | undefined };

const Say = createContext<(text: string, act?: Act) => void>(() => {
  throw new Error("useToast needs a ToastProvider above it");
});

/** Say what was done, with a way back where there is one; it stays 8 seconds, above the bar of unsaved changes and any dialog. */
export const useToast = () => useContext(Say);

/** Where a toast can be read and pressed: everything outside the modal dialog that is open is inert. */
const hostNow = (): Element => [...document.querySelectorAll("dialog[open]")].at(-1) ?? document.body;

export function ToastProvider({ children }: { children: ReactNode }) {
  const [note, show] = useState<Note | null>(null);
  const [host, moveTo] = useState<Element | null>(null);
  const say = useCallback((text: string, act?: Act) => {
    moveTo(hostNow());
    show({ id: Date.now(), text, act });
  }, []);

  useEffect(() => {
    if (!note) return;
    const timer = setTimeout(() => show(null), 8000);
    // A dialog that opens or closes meanwhile takes the toast along.
    const dialogs = new MutationObserver(() => moveTo(hostNow()));
    dialogs.observe(document.body, { subtree: true, childList: true, attributeFilter: ["open"] });
    moveTo(hostNow()); // the dialog may have closed in the very update that showed the toast, before anything observed it
    return () => {
      clearTimeout(timer);
      dialogs.disconnect();
    };
  }, [note]);

  return (
    <Say value={say}>
      {children}
      {createPortal(<Shown note={note} onDone={() => show(null)} />, host ?? document.body)}
    </Say>
  );
}

/** A popover: the top layer lies above the backdrop of a dialog. It stands open, empty or not, so that it is a live region. */
function Shown({ note, onDone }: { note: Note | null; onDone: () => void }) {
  const box = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each new note comes to the top of the layer
  useLayoutEffect(() => {
    const popover = box.current;
    if (!popover?.showPopover) return;
    if (popover.matches(":popover-open")) popover.hidePopover();
    popover.showPopover();
  }, [note]);
  return (
    <div
      ref={box}
      popover="manual"
      role="status"
      aria-live="polite"
      className="pointer-events-none fixed inset-x-0 top-auto bottom-19 m-0 grid w-auto max-w-none justify-items-center overflow-visible border-0 bg-transparent p-0 px-4"
    >
      {note ? (
        <div
          key={note.id}
          className="pointer-events-auto flex items-center gap-4 rounded-panel bg-ink py-2.5 ps-4 pe-3 text-paper"
        >
          {note.text}
          {note.act ? (
            <button
              type="button"
              className="rounded-admin px-2 py-1 font-medium underline underline-offset-4"
              onClick={() => {
                note.act?.run();
                onDone();
              }}
            >
              {note.act.label}
            </button>
          ) : null}
        </div>
      ) : null}
    </div>
  );
}
