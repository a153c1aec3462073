import { isProblem } from "@noirel/shared/api/problem";
import { useEffect, useRef, useState } from "react";
import { useNavigate, useRevalidator } from "react-router";
import type { Tagged } from "../api";
import { useErrorTitle } from "./ActionForm";
import { errorMessage, fieldErrors } from "./error-message";
import { useToast } from "./Toast";
import { useUnsaved } from "./unsaved";

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
  saved = "Saved.",
  fieldOf = (name) => name,
  names = {},
}: {
  loaded: Tagged<T> | null;
  draftOf: (value: T | null) => D;
  wantedOf: (draft: D, changed: (keyof D & string)[]) => Wanted;
  read: () => Promise<Tagged<T>>;
  create: (data: object) => Promise<Tagged<T>>;
  save: (data: object, etag: string) => Promise<Tagged<T>>;
  addressOf: (value: T) => string;
  made: string;
  /** What is said after a change was saved. */
  saved?: string;
  /** The API's name of a field as the form's. */
  fieldOf?: (name: string) => string;
  /** What the form calls its fields. */
  names?: Record<string, string>;
}) {
  const [base] = useState(() => draftOf(loaded?.value ?? null));
  const [draft, edit] = useState(base);
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [busy, work] = useState(false);
  const [clash, setClash] = useState<Tagged<T> | null>(null);
  const isSaving = useRef(false);
  const navigate = useNavigate();
  const reload = useRevalidator();
  const say = useToast();
  const changed = changedIn(base, draft);
  const release = useUnsaved(changed.length);
  useErrorTitle(Object.keys(errors).length > 0);

  // The first field that is wrong gets the focus. What is wrong with no field of the form is said in a toast.
  const isNew = useRef(false);
  useEffect(() => {
    if (!isNew.current || busy || !Object.keys(errors).length) return;
    isNew.current = false;
    const first = document.querySelector<HTMLElement>("[aria-invalid=true]");
    if (first) first.focus();
    else say(Object.values(errors)[0] ?? "");
  }, [errors, busy, say]);

  function blame(found: Record<string, string>) {
    isNew.current = true;
    setErrors(found);
  }

  async function save(): Promise<void> {
    if (isSaving.current || (loaded && changed.length === 0)) return;
    const wanted = wantedOf(draft, loaded ? changed : (Object.keys(draft) as (keyof D & string)[]));
    if ("invalid" in wanted) {
      blame(wanted.invalid);
      return;
    }
    isSaving.current = true;
    work(true);
    setErrors({});
    try {
      const kept = loaded ? await write(wanted.data, (clash ?? loaded).etag) : await create(wanted.data);
      say(loaded ? saved : made);
      release();
      const was = loaded ? addressOf(loaded.value) : "";
      if (addressOf(kept.value) === was) await reload.revalidate();
      else await navigate(addressOf(kept.value), { replace: true });
    } catch (error) {
      await refused(error);
    } finally {
      isSaving.current = false;
      work(false);
    }
  }

  async function refused(error: unknown) {
    if (isProblem(error) && error.status === 412) {
      try {
        setClash(await read());
        say("Someone else has changed it. Your edits are still here.");
      } catch (gone) {
        say(
          isProblem(gone) && gone.status === 404
            ? "It was deleted or moved to another address. Your edits are still here."
            : errorMessage(gone),
        );
      }
      return;
    }
    const found = isProblem(error) ? fieldErrors(error, fieldOf, (name) => names[name]) : {};
    if (Object.keys(found).length) blame(found);
    else say(errorMessage(error));
  }

  return {
    base,
    draft,
    set: (fields: Partial<D>) => {
      edit((before) => ({ ...before, ...fields }));
      // An error was about the value before.
      setErrors((before) =>
        Object.keys(fields).some((name) => name in before)
          ? Object.fromEntries(Object.entries(before).filter(([name]) => !(name in fields)))
          : before,
      );
    },
    changed,
    errors,
    busy,
    save,
    discard: () => {
      edit(base);
      setErrors({});
    },
    clash: clash && { differences: differences(base, draftOf(clash.value), draft), theirs: clash },
    takeTheirs: () => void reload.revalidate(),
  };
}
