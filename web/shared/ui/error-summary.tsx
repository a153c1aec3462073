import { useEffect, useRef } from "react";

type ErrorSummaryProps = { title?: string; errors: { id?: string; message: string }[] };

/** What stopped a form, at its top: takes focus, links to each field. Shown only when there is something to say. */
export function ErrorSummary({ title = "Some things need another look.", errors }: ErrorSummaryProps) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (errors.length > 0) box.current?.focus();
  }, [errors]);
  if (errors.length === 0) return null;
  return (
    <div ref={box} role="alert" tabIndex={-1} className="border-s-2 border-danger bg-raised px-5 py-4 text-[0.9375rem]">
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
