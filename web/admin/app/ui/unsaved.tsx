import { useCallback, useEffect, useId } from "react";
import { useBeforeUnload, useBlocker } from "react-router";
import { Button } from "./Button";
import { Dialog } from "./Dialog";

/** The forms of the page that hold something unsaved, each with its number of changes. */
const unsaved = new Map<string, number>();

/**
 * Reports how many changes of a form are not saved. While there are any, `LeaveGuard` asks before the page is left. The returned
 * function takes the report back at once, for a form that moves on by itself after it was saved.
 */
export function useUnsaved(changes: number): () => void {
  const id = useId();
  useEffect(() => {
    if (changes > 0) unsaved.set(id, changes);
    else unsaved.delete(id);
  }, [id, changes]);
  useEffect(() => () => void unsaved.delete(id), [id]);
  return useCallback(() => void unsaved.delete(id), [id]);
}

/** Asks before a page with unsaved work is left by a link, Back or a reload. One for all forms: a router has one blocker only. */
export function LeaveGuard() {
  const leaving = useBlocker(
    ({ currentLocation, nextLocation }) => unsaved.size > 0 && currentLocation.pathname !== nextLocation.pathname,
  );
  useBeforeUnload((event) => {
    if (unsaved.size > 0) event.preventDefault();
  });
  const count = [...unsaved.values()].reduce((sum, changes) => sum + changes, 0);
  return (
    <Dialog title="Leave without saving?" open={leaving.state === "blocked"} onClose={() => leaving.reset?.()}>
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={() => leaving.reset?.()}>Stay here</Button>
        <Button
          kind="danger"
          onClick={() => {
            unsaved.clear();
            leaving.proceed?.();
          }}
        >
          Leave and lose {count === 1 ? "1 change" : `${count} changes`}
        </Button>
      </div>
    </Dialog>
  );
}
