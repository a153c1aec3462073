import { useKeys } from "../layout/useKeys";
import { ignore } from "./Button";

/** The bar at the foot of a form with unsaved changes; its Save submits the form around it. `waiting`: why it can't be saved yet. */
export function SaveBar({
  count,
  busy,
  waiting,
  onSave,
  onDiscard,
}: {
  count: number;
  busy: boolean;
  waiting?: string | undefined;
  onSave: () => void;
  onDiscard: () => void;
}) {
  useKeys({ "mod+s": onSave });
  if (count === 0) return null;
  const unavailable = busy || waiting !== undefined;
  return (
    <div className="pointer-events-none fixed inset-x-0 bottom-4 z-10 grid justify-items-center px-4">
      <section
        aria-label="Unsaved changes"
        className="pointer-events-auto flex max-w-full flex-wrap items-center gap-x-3 gap-y-1 rounded-panel bg-ink py-2 ps-4 pe-2 text-paper"
      >
        {count === 1 ? "1 change" : `${count} changes`}
        <button
          type="button"
          aria-disabled={busy || undefined}
          className="min-h-8.5 rounded-admin px-3 aria-disabled:opacity-55"
          onClick={busy ? ignore : onDiscard}
        >
          Discard
        </button>
        <button
          type="submit"
          aria-disabled={unavailable || undefined}
          aria-busy={busy || undefined}
          className="min-h-8.5 rounded-admin bg-paper px-3 font-medium text-ink aria-disabled:opacity-70"
          onClick={unavailable ? ignore : undefined}
        >
          {waiting ?? (busy ? "Save…" : "Save")}
        </button>
      </section>
    </div>
  );
}
