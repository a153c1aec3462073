import { isProblem } from "@noirel/shared/api/problem";
import { type FormEvent, useCallback, useState } from "react";

/** One reason why a form was refused; `id` is the id of the field it belongs to. */
export type FormError = { id?: string; message: string };

/** "40 seconds", "12 minutes": a waiting time from Retry-After. */
export function waitWords(seconds: number): string {
  const [count, unit] = seconds < 90 ? [Math.max(1, seconds), "second"] : [Math.ceil(seconds / 60), "minute"];
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}

/**
 * The reasons for a refusal by the API. Errors of the form's own fields carry the field's id, so that they are shown beside
 * it; anything else is a message for the whole form. Rethrows what is not a Problem.
 */
export function formErrors(error: unknown, fields: readonly string[]): FormError[] {
  if (!isProblem(error)) throw error;
  if (error.status === 429) {
    const wait = error.retryAfter ? `in ${waitWords(error.retryAfter)}` : "in a minute";
    return [{ message: `Too many attempts. Try again ${wait}.` }];
  }
  if (error.status === 0) return [{ message: "The shop can’t be reached. Check your connection and try again." }];
  if (error.errors.length > 0) {
    return error.errors.map(({ field, message }) => (fields.includes(field) ? { id: field, message } : { message }));
  }
  return [{ message: error.detail || error.title || "That didn’t work. Try again." }];
}

/** The errors of a form. Editing a field removes its error and those of the whole form, which were about the old values. */
export function useFormErrors() {
  const [errors, setErrors] = useState<FormError[]>([]);
  const onInput = useCallback((event: FormEvent<HTMLFormElement>) => {
    const { id } = event.target as HTMLElement;
    setErrors((known) => {
      const left = known.filter((error) => error.id !== undefined && error.id !== id);
      return left.length < known.length ? left : known;
    });
  }, []);
  return {
    errors,
    setErrors,
    onInput,
    /** What is wrong with this field, all of it. */
    errorOf: (id: string) =>
      errors
        .filter((error) => error.id === id)
        .map(({ message }) => message)
        .join(" ") || undefined,
  };
}
