import { useEffect, useRef } from "react";

type ErrorSummaryProps = { title?: string; errors: { id?: string; message: string }[] };

/**
 * What stopped a form, at its top: takes focus, links to each field. Shown only when there is something to say.
 * Removing an error that has been corrected neither moves focus nor is announced.
 */
export function ErrorSummary({ title = "Some things need another look.", errors }: ErrorSummaryProps) {
  const box = useRef<HTMLDivElement>(null);
  const shown = useRef<ErrorSummaryProps["errors"]>([]);
  useEffect(() => {
    const before = shown.current;
    shown.current = errors;
    const corrected = errors.length < before.length && errors.every((error) => before.includes(error));
    if (errors.length > 0 && !corrected) box.current?.focus();
  }, [errors]);
  if (errors.length === 0) return null;
  return (
    <div
      ref={box}
      role="alert"
      aria-atomic="false"
      aria-relevant="additions"
      tabIndex={-1}
      className="border-s-2 border-danger bg-raised px-5 py-4 text-[0.9375rem]"
    >
      <p className="font-medium text-danger">{title}</p>
      <ul className="mt-1.5 grid gap-1">
        {errors.map(({ id, message }) => (
          <li key={`${id}${message}`}>
            {id ? (
              <a className="underline underline-offset-4" href={`#${id}`}>
                {message}
              </a>
            ) : (
              message
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}
