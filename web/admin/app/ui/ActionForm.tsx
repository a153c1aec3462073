import { isProblem, type Problem } from "@noirel/shared/api/problem";
import { type IdempotencyKey, isRefusal, useIdempotencyKeys } from "@noirel/shared/idempotency";
import { type FormEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { useRevalidator } from "react-router";
import { Button } from "./Button";
import { errorMessage, fieldMessage, isSignedOut } from "./error-message";
import { useUnsaved } from "./unsaved";

/**
 * A form that sends one action: in a dialog, or on a page.
 *
 * A refusal that names a field is shown beside that field, which gets the focus; any other is shown above the buttons. Nothing
 * that is typed is lost: leaving the page asks first, and the page is read again after a success and after a refusal (what was
 * refused was perhaps out of date), but not while the shop can't be reached, or its session has ended: that would replace the form
 * with an error page.
 *
 * Requests that are sent again with the same content before they were answered have the same Idempotency-Key.
 */
export function useActionForm() {
  const element = useRef<HTMLFormElement>(null);
  const [busy, setBusy] = useState(false);
  const isSending = useRef(false);
  const [errors, setErrors] = useState<Errors>(none);
  const keys = useIdempotencyKeys();
  const reload = useRevalidator();
  const saved = useRef("");
  const [isChanged, setChanged] = useState(false);
  const release = useUnsaved(isChanged ? 1 : 0);
  useEffect(() => {
    saved.current = contentOf(element.current);
  }, []);
  useErrorTitle(errors.form !== "" || Object.keys(errors.fields).length > 0);

  useEffect(() => {
    // Not while the errors are being mended one by one.
    if (!errors.isNew) return;
    const target = element.current?.querySelector<HTMLElement>("[aria-invalid=true], [data-form-error]");
    target?.focus();
  }, [errors]);

  /** Shows what is wrong without sending anything. A name without a field counts for the whole form. */
  function reject(found: Record<string, string>) {
    setErrors(byField(Object.entries(found), element.current));
  }

  /**
   * Sends a request under the key of its content; `done` gets the answer. `fieldOf` maps the API's names to the form's.
   * `refused` returns the errors, by field, of refusals that this form has words of its own for.
   */
  async function send<T>({
    content,
    request,
    done,
    fieldOf = (name) => name,
    refused,
  }: {
    content: unknown;
    request: (key: IdempotencyKey) => Promise<T>;
    done: (answer: T) => unknown;
    fieldOf?: (name: string) => string;
    refused?: (problem: Problem) => Record<string, string> | null;
  }): Promise<void> {
    if (isSending.current) return;
    isSending.current = true;
    setBusy(true);
    setErrors(none);
    try {
      const answer = await keys.send(content, request);
      setChanged(false);
      release();
      await done(answer);
      await reload.revalidate();
      saved.current = contentOf(element.current);
    } catch (error) {
      if (isRefusal(error) && !isSignedOut(error) && (error as Problem).status !== 429) await reload.revalidate();
      const own = isProblem(error) ? refused?.(error) : null;
      if (own) reject(own);
      else setErrors(errorsOf(error, element.current, fieldOf));
    } finally {
      isSending.current = false;
      setBusy(false);
    }
  }

  // Not onInput: a select that is drawn again between its input and its change event is set back to its old value.
  function onChange(event: FormEvent<HTMLFormElement>) {
    const name = (event.target as HTMLElement).getAttribute("name") ?? "";
    // Errors of the whole form were about the values before.
    if (errors.form || name in errors.fields) {
      const { [name]: _, ...fields } = errors.fields;
      setErrors({ fields, form: "", isNew: false });
    }
    setChanged(contentOf(element.current) !== saved.current);
  }

  return {
    element,
    busy,
    errors,
    keys,
    onChange,
    reject,
    send,
    /** The props of a field by its name in the API. */
    field: (name: string) => ({ name, error: errors.fields[name] }),
  };
}

type Form = ReturnType<typeof useActionForm>;
type Errors = { fields: Record<string, string>; form: string; isNew: boolean };
const none: Errors = { fields: {}, form: "", isNew: false };

/** All that the fields of a form hold. */
function contentOf(form: HTMLFormElement | null): string {
  const fields = [...(form?.elements ?? [])] as HTMLInputElement[];
  return JSON.stringify(
    fields
      .filter(({ tagName }) => /^(?:INPUT|TEXTAREA|SELECT)$/.test(tagName))
      .map((one) => (/^(?:checkbox|radio)$/.test(one.type) ? one.checked : one.value)),
  );
}

function errorsOf(error: unknown, form: HTMLFormElement | null, fieldOf: (name: string) => string): Errors {
  if (!isProblem(error)) return { fields: {}, form: errorMessage(error), isNew: true };
  if (error.code === "slug_taken") return byField([["slug", error.detail || error.title]], form);
  if (error.errors.length === 0) return { fields: {}, form: errorMessage(error), isNew: true };
  const found = error.errors.map((one): [string, string] => {
    const name = nearest(fieldOf(one.field), form);
    return [name ?? "", fieldMessage(one, name ? labelOf(control(name, form)) : undefined)];
  });
  return byField(found, form);
}

function byField(found: [name: string, message: string][], form: HTMLFormElement | null): Errors {
  const errors: Errors = { fields: {}, form: "", isNew: true };
  const joined = (before: string | undefined, message: string) => (before ? `${before} ${message}` : message);
  for (const [name, message] of found) {
    if (control(name, form)) errors.fields[name] = joined(errors.fields[name], message);
    else errors.form = joined(errors.form, message);
  }
  return errors;
}

/** The field of a name like "amount.currency": its own, or that of what it belongs to. */
function nearest(name: string, form: HTMLFormElement | null): string | undefined {
  const parts = name.split(".");
  return parts.map((_, index) => parts.slice(0, parts.length - index).join(".")).find((one) => control(one, form));
}

function control(name: string, form: HTMLFormElement | null): HTMLInputElement | undefined {
  if (!name || !form) return undefined;
  return [...form.elements].find((one): one is HTMLInputElement => one.getAttribute("name") === name);
}

/** Begins the title of the page with "Error: " while a form shows one, for whoever hears the title first. */
export function useErrorTitle(isWrong: boolean): void {
  useEffect(() => {
    if (!isWrong || document.title.startsWith("Error: ")) return;
    document.title = `Error: ${document.title}`;
    return () => {
      document.title = document.title.replace(/^Error: /, "");
    };
  }, [isWrong]);
}

const labelOf = (field: HTMLInputElement | undefined): string | undefined =>
  field?.getAttribute("aria-label") ?? field?.labels?.[0]?.textContent ?? undefined;

/** The form of `useActionForm`, with the errors of the whole form and its buttons. */
export function ActionForm({
  form,
  onSubmit,
  submit,
  kind = "primary",
  disabled = false,
  back = "Back",
  onBack,
  children,
}: {
  form: Form;
  onSubmit: (values: FormData) => unknown;
  /** What the button says. */
  submit: ReactNode;
  kind?: "quiet" | "primary" | "danger";
  disabled?: boolean;
  back?: string;
  onBack?: (() => void) | undefined;
  children: ReactNode;
}) {
  return (
    <form
      ref={form.element}
      noValidate
      className="grid gap-4"
      onChange={form.onChange}
      onSubmit={(event) => {
        event.preventDefault();
        void onSubmit(new FormData(event.currentTarget));
      }}
    >
      {children}
      {form.errors.form ? (
        <p role="alert" data-form-error tabIndex={-1} className="text-danger wrap-anywhere">
          {form.errors.form}
        </p>
      ) : null}
      <div className="flex flex-wrap justify-end gap-2">
        {onBack ? <Button onClick={onBack}>{back}</Button> : null}
        <Button kind={kind} type="submit" busy={form.busy} disabled={disabled} wrap>
          {submit}
        </Button>
      </div>
    </form>
  );
}

/** The trimmed text of a field. */
export const textOf = (values: FormData, name: string) => String(values.get(name) ?? "").trim();
