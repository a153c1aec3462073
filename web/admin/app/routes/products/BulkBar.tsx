import { type ReactNode, useState } from "react";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { useToast } from "../../ui/Toast";
import { BulkEdit } from "./BulkEdit";
import { type Choice, counted, type Target } from "./choice";
import { Reprice } from "./Reprice";
import type { useBulk } from "./useBulk";

const STATES = {
  publish: { word: "Publish", of: (whom: string) => `Publish ${whom}`, after: "Shoppers see them within a minute." },
  unpublish: {
    word: "Move to drafts",
    of: (whom: string) => `Move ${whom} to drafts`,
    after: "They leave the shop within a minute.",
  },
  archive: {
    word: "Archive",
    of: (whom: string) => `Archive ${whom}`,
    after: "They leave the shop within a minute. Orders and stock keep them.",
  },
} as const;
type State = keyof typeof STATES;
type Asking = State | "category" | "collection" | "price" | null;

/**
 * What can be done with those chosen. A state is given at once where the way back is known, that is for products chosen by hand;
 * everything else asks first and says how many it is about.
 */
export function BulkBar({
  choice,
  target,
  total,
  shown,
  currencies,
  bulk,
  onAll,
  onClear,
}: {
  choice: Choice;
  target: Target;
  total: number;
  shown: number;
  currencies: string[];
  bulk: ReturnType<typeof useBulk>;
  onAll: () => void;
  onClear: () => void;
}) {
  const [asking, askAbout] = useState<Asking>(null);
  const say = useToast();
  const count = choice.all ? total : choice.by.size;
  const close = () => askAbout(null);

  async function give(act: State) {
    const before = choice.all ? undefined : choice;
    const problem = await bulk.once(() => bulk.ask({ act, ...target }, before));
    close();
    if (problem) say(problem);
    else onClear();
  }
  const pressed = (act: State) => (choice.all ? askAbout(act) : void give(act));
  const state = asking && asking in STATES ? (asking as State) : null;
  const shared = { target, count, bulk, onDone: onClear, onClose: close };

  return (
    <>
      <div className="pointer-events-none fixed inset-x-0 bottom-4 z-10 grid justify-items-center px-4">
        <section
          aria-label="Chosen products"
          className="pointer-events-auto flex flex-wrap items-center gap-x-3 gap-y-1 rounded-panel bg-ink py-2 ps-4 pe-2 text-paper max-desk:w-full max-desk:pe-4"
        >
          <p role="status" className="max-desk:flex-1">
            {count.toLocaleString("en-IN")} chosen
          </p>
          {!choice.all && choice.by.size >= shown && total > choice.by.size ? (
            <Act onClick={onAll}>Choose all {total.toLocaleString("en-IN")}</Act>
          ) : null}
          <Act onClick={onClear}>Clear</Act>
          <div className="flex gap-1 max-desk:grid max-desk:w-full max-desk:grid-cols-3">
            {(Object.keys(STATES) as State[]).map((act) => (
              <Act key={act} lit disabled={bulk.busy} onClick={() => pressed(act)}>
                {STATES[act].word}
              </Act>
            ))}
            <Act lit disabled={bulk.busy} onClick={() => askAbout("category")}>
              Category
            </Act>
            <Act lit disabled={bulk.busy} onClick={() => askAbout("collection")}>
              Collection
            </Act>
            <Act lit disabled={bulk.busy} onClick={() => askAbout("price")}>
              Price
            </Act>
          </div>
        </section>
      </div>
      <Dialog title={state ? `${STATES[state].of(counted(count))}?` : ""} open={state !== null} onClose={close}>
        {state ? (
          <>
            <p className="pb-4 text-ink-2">
              {STATES[state].after} This includes every product that matches the filters, on all pages.
            </p>
            <div className="flex flex-wrap justify-end gap-2">
              <Button onClick={close}>Cancel</Button>
              <Button
                kind={state === "publish" ? "primary" : "danger"}
                busy={bulk.busy}
                onClick={() => void give(state)}
              >
                {STATES[state].of(counted(count))}
              </Button>
            </div>
          </>
        ) : null}
      </Dialog>
      <Dialog
        title={asking === "category" ? "Put them in a category" : "Put them in a collection"}
        open={asking === "category" || asking === "collection"}
        onClose={close}
      >
        <BulkEdit kind={asking === "category" ? "category" : "collection"} {...shared} />
      </Dialog>
      <Dialog title="Change their prices" open={asking === "price"} onClose={close}>
        <Reprice currencies={currencies} {...shared} />
      </Dialog>
    </>
  );
}

function Act({
  lit = false,
  disabled,
  onClick,
  children,
}: {
  lit?: boolean;
  disabled?: boolean;
  onClick: () => void;
  children: ReactNode;
}) {
  return (
    <button
      type="button"
      disabled={disabled}
      onClick={onClick}
      className={`min-h-8.5 rounded-admin px-3 whitespace-nowrap outline-offset-2 focus-visible:outline-2 focus-visible:outline-paper disabled:opacity-55 max-desk:min-h-11 ${
        lit ? "border border-paper/25 font-medium hover:border-paper" : "underline underline-offset-4"
      }`}
    >
      {children}
    </button>
  );
}
