import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from "react";

type Act = { label: string; run: () => void };
type Note = { id: number; text: string; act?: Act | undefined };

const Say = createContext<(text: string, act?: Act) => void>(() => {
  throw new Error("useToast needs a ToastProvider above it");
});

/** Say what was done, with a way back where there is one; it stays 8 seconds, above the bar of unsaved changes. */
export const useToast = () => useContext(Say);

export function ToastProvider({ children }: { children: ReactNode }) {
  const [note, show] = useState<Note | null>(null);
  const say = useCallback((text: string, act?: Act) => show({ id: Date.now(), text, act }), []);
  useEffect(() => {
    if (!note) return;
    const timer = setTimeout(() => show(null), 8000);
    return () => clearTimeout(timer);
  }, [note]);
  const value = useMemo(() => say, [say]);
  return (
    <Say value={value}>
      {children}
      <div
        role="status"
        aria-live="polite"
        className="pointer-events-none fixed inset-x-0 bottom-19 z-60 grid justify-items-center px-4"
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
                  show(null);
                }}
              >
                {note.act.label}
              </button>
            ) : null}
          </div>
        ) : null}
      </div>
    </Say>
  );
}
