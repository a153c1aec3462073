import { ErrorSummary } from "@noirel/shared/ui/error-summary";
import { Field } from "@noirel/shared/ui/field";
import { type ComponentProps, type FormEvent, type ReactNode, useState } from "react";
import { type FormError, formErrors, useFormErrors } from "./form-errors";

type Form = ReturnType<typeof useForm>;

/**
 * A form that is sent to the API once at a time.
 *
 * `fields` are the ids of its fields, by the API's names. `read` takes the values and says what is missing; nothing is sent
 * while anything is. `send` returns the errors of refusals that this form has words of its own for; other refusals are
 * put into words by `formErrors`.
 */
export function useForm<Data>({
  fields,
  read,
  send,
}: {
  fields: readonly string[];
  read: (form: FormData) => { data: Data; missing: FormError[] };
  // biome-ignore lint/suspicious/noConfusingVoidType: most forms have no words of their own
  send: (data: Data) => Promise<FormError[] | void>;
}) {
  const { errors, setErrors, onInput, errorOf } = useFormErrors();
  const [busy, setBusy] = useState(false);

  const onSubmit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (busy) return;
    const { data, missing } = read(new FormData(event.currentTarget));
    setErrors(missing);
    if (missing.length > 0) return;
    setBusy(true);
    try {
      const refused = await send(data);
      if (refused) setErrors(refused);
    } catch (error) {
      setErrors(formErrors(error, fields));
    } finally {
      setBusy(false);
    }
  };
  return { errors, errorOf, busy, onInput, onSubmit };
}

/** The form of a `NarrowPage`, with the summary of its errors. */
export function PageForm({ form, children }: { form: Form; children: ReactNode }) {
  return (
    <form noValidate method="post" onSubmit={form.onSubmit} onInput={form.onInput} className="mt-8 grid gap-5">
      <ErrorSummary errors={form.errors} />
      <noscript>
        <p className="border-s-2 border-warning bg-raised px-5 py-4">
          This form needs JavaScript. Turn it on for this site and reload the page.
        </p>
      </noscript>
      {children}
    </form>
  );
}

/** What is missing of these values: each empty one, with what to say about it. */
export function missingOf<Name extends string>(
  values: Record<Name, string>,
  messages: Partial<Record<Name, string>>,
): FormError[] {
  return (Object.keys(messages) as Name[]).flatMap((id) =>
    values[id] ? [] : [{ id, message: messages[id] as string }],
  );
}

export function EmailField(
  props: Pick<ComponentProps<typeof Field>, "error"> & {
    label?: string;
    autoComplete: "username" | "email";
    enterKeyHint: "next" | "send";
  },
) {
  return (
    <Field
      id="email"
      name="email"
      label="E-mail"
      type="email"
      inputMode="email"
      autoCapitalize="none"
      required
      {...props}
    />
  );
}
