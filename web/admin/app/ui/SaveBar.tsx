import { useBeforeUnload, useBlocker } from "react-router";
import { useKeys } from "../layout/useKeys";
import { Button } from "./Button";
import { Dialog } from "./Dialog";

/** Stands at the foot of a form with unsaved changes; leaving asks first. The form around it hears the submit. */
export function SaveBar({
  count,
  busy,
  moving,
  onSave,
  onDiscard,
}: {
  count: number;
  busy: boolean;
  moving: { readonly current: boolean };
  onSave: () => void;
  onDiscard: () => void;
}) {
  const dirty = count > 0;
  const words = count === 1 ? "1 change" : `${count} changes`;
  const leaving = useBlocker(
    ({ currentLocation, nextLocation }) =>
      dirty && !moving.current && currentLocation.pathname !== nextLocation.pathname,
  );
  useBeforeUnload((event) => {
    if (dirty) event.preventDefault();
  });
  useKeys({ "mod+s": onSave });
  return (
    <>
      {dirty ? (
        <div className="pointer-events-none fixed inset-x-0 bottom-4 z-10 grid justify-items-center px-4">
          <section
            aria-label="Unsaved changes"
            className="pointer-events-auto flex max-w-full flex-wrap items-center gap-x-3 gap-y-1 rounded-panel bg-ink py-2 ps-4 pe-2 text-paper"
          >
            {words}
            <button type="button" disabled={busy} className="min-h-8.5 rounded-admin px-3" onClick={onDiscard}>
              Discard
            </button>
            <button
              type="submit"
              disabled={busy}
              aria-busy={busy || undefined}
              className="min-h-8.5 rounded-admin bg-paper px-3 font-medium text-ink"
            >
              {busy ? "Save…" : "Save"}
            </button>
          </section>
        </div>
      ) : null}
      <Dialog title="Leave without saving?" open={leaving.state === "blocked"} onClose={() => leaving.reset?.()}>
        <div className="flex justify-end gap-2">
          <Button onClick={() => leaving.reset?.()}>Stay here</Button>
          <Button kind="danger" onClick={() => leaving.proceed?.()}>
            Leave and lose {words}
          </Button>
        </div>
      </Dialog>
    </>
  );
}
