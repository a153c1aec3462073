import { isProblem } from "@noirel/shared/api/problem";
import { useEffect, useRef, useState } from "react";
import { useNavigate, useRevalidator } from "react-router";
import type { Tagged } from "../api";
import { said } from "./said";
import { useToast } from "./Toast";

export type Difference = { name: string; theirs: unknown; mine: unknown };

/** The fields in which two drafts differ. */
export function changedIn<D extends object>(before: D, after: D): (keyof D & string)[] {
  return (Object.keys(after) as (keyof D & string)[]).filter(
    (name) => before[name] !== after[name] && JSON.stringify(before[name]) !== JSON.stringify(after[name]),
  );
}

/** What somebody else changed since `base`, beside what stands in my form. */
export function differences<D extends object>(base: D, theirs: D, mine: D): Difference[] {
  return changedIn(base, theirs).map((name) => ({ name, theirs: theirs[name], mine: mine[name] }));
}

type Wanted = { data: Record<string, unknown> } | { invalid: Record<string, string> };

/**
 * One thing in a form: what differs from the server's version is sent, and only that. When somebody else was faster nothing is
 * lost: `clash` says what they changed, `save` then writes mine over it, and `takeTheirs` forgets mine.
 */
export function useEdit<T, D extends object>({
  loaded,
  draftOf,
  wantedOf,
  read,
  create,
  save: write,
  addressOf,
  made,
  fieldOf = (name) => name,
}: {
  loaded: Tagged<T> | null;
  draftOf: (value: T | null) => D;
  wantedOf: (draft: D, changed: (keyof D & string)[]) => Wanted;
  read: () => Promise<Tagged<T>>;
  create: (data: object) => Promise<Tagged<T>>;
  save: (data: object, etag: string) => Promise<Tagged<T>>;
  addressOf: (value: T) => string;
  made: string;
  /** The API's name of a field as the form's. */
  fieldOf?: (name: string) => string;
}) {
  const [base] = useState(() => draftOf(loaded?.value ?? null));
  const [draft, edit] = useState(base);
  const [errors, blame] = useState<Record<string, string>>({});
  const [busy, work] = useState(false);
  const [clash, setClash] = useState<Tagged<T> | null>(null);
  const moving = useRef(false); // to the address it has now, by ourselves: nothing is lost
  const navigate = useNavigate();
  const reload = useRevalidator();
  const say = useToast();
  const changed = changedIn(base, draft);

  // What is wrong is shown at its field, and the first of them is where the caret goes.
  useEffect(() => {
    if (Object.keys(errors).length) document.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [errors]);

  async function save(): Promise<void> {
    if (busy || (loaded && changed.length === 0)) return;
    const wanted = wantedOf(draft, loaded ? changed : (Object.keys(draft) as (keyof D & string)[]));
    if ("invalid" in wanted) {
      blame(wanted.invalid);
      say(Object.values(wanted.invalid)[0] ?? "");
      return;
    }
    work(true);
    blame({});
    try {
      const kept = loaded ? await write(wanted.data, (clash ?? loaded).etag) : await create(wanted.data);
      say(loaded ? "Saved. The shop shows it within a minute." : made);
      const was = loaded ? addressOf(loaded.value) : "";
      if (addressOf(kept.value) === was) await reload.revalidate();
      else {
        moving.current = true;
        await navigate(addressOf(kept.value), { replace: true });
      }
    } catch (error) {
      await refused(error);
    } finally {
      work(false);
    }
  }

  async function refused(error: unknown) {
    if (isProblem(error) && error.status === 412) {
      try {
        setClash(await read());
        say("Somebody changed it meanwhile. Your edits are still here.");
      } catch (gone) {
        say(
          isProblem(gone) && gone.status === 404
            ? "It is gone, or has another address now. Your edits are still here."
            : said(gone),
        );
      }
      return;
    }
    if (isProblem(error)) {
      const told = Object.fromEntries(error.errors.map((one) => [fieldOf(one.field), one.message]));
      blame(error.code === "slug_taken" ? { slug: error.detail } : told);
    }
    say(said(error));
  }

  return {
    base,
    draft,
    set: (fields: Partial<D>) => edit((before) => ({ ...before, ...fields })),
    changed,
    errors,
    busy,
    moving,
    save,
    discard: () => {
      edit(base);
      blame({});
    },
    clash: clash && { differences: differences(base, draftOf(clash.value), draft), theirs: clash },
    takeTheirs: () => void reload.revalidate(),
  };
}
