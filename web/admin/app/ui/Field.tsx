import {
  type InputHTMLAttributes,
  type ReactNode,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
  useId,
} from "react";

export const control =
  "w-full rounded-admin border border-rule bg-raised px-2.5 text-ink aria-invalid:border-danger disabled:opacity-60 max-desk:text-base";

/** bare: where a table's head is the label for the eye. */
type Frame = { label: string; hint?: ReactNode; error?: string | undefined; bare?: boolean };

function Framed({ label, hint, error, bare = false, id, children }: Frame & { id: string; children: ReactNode }) {
  return (
    <div className="grid content-start gap-1">
      <label htmlFor={id} className={bare ? "sr-only" : "font-medium"}>
        {label}
      </label>
      {children}
      {error ? (
        <p id={`${id}-error`} className="text-danger">
          {error}
        </p>
      ) : hint && !bare ? (
        <p id={`${id}-hint`} className="text-xs text-ink-2">
          {hint}
        </p>
      ) : null}
    </div>
  );
}

const described = (id: string, { hint, error }: Frame) => ({
  "aria-invalid": error ? true : undefined,
  "aria-describedby": error ? `${id}-error` : hint ? `${id}-hint` : undefined,
});

export function TextField({
  label,
  hint,
  error,
  bare,
  className = "",
  ...rest
}: Frame & InputHTMLAttributes<HTMLInputElement>) {
  const id = useId();
  return (
    <Framed label={label} hint={hint} error={error} bare={bare} id={id}>
      <input
        id={id}
        {...described(id, { label, hint, error })}
        {...rest}
        className={`${control} h-9 max-desk:h-11 ${className}`}
      />
    </Framed>
  );
}

export function TextArea({
  label,
  hint,
  error,
  bare,
  className = "",
  ...rest
}: Frame & TextareaHTMLAttributes<HTMLTextAreaElement>) {
  const id = useId();
  return (
    <Framed label={label} hint={hint} error={error} bare={bare} id={id}>
      <textarea
        id={id}
        rows={4}
        {...described(id, { label, hint, error })}
        {...rest}
        className={`${control} py-2 leading-normal ${className}`}
      />
    </Framed>
  );
}

export function Select({
  label,
  hint,
  error,
  bare,
  children,
  ...rest
}: Frame & SelectHTMLAttributes<HTMLSelectElement>) {
  const id = useId();
  return (
    <Framed label={label} hint={hint} error={error} bare={bare} id={id}>
      <select id={id} {...described(id, { label, hint, error })} {...rest} className={`${control} h-9 max-desk:h-11`}>
        {children}
      </select>
    </Framed>
  );
}

/** A box that is ticked or not, with its words beside it. */
export function Check({ label, hint, ...rest }: Omit<Frame, "bare" | "error"> & InputHTMLAttributes<HTMLInputElement>) {
  const id = useId();
  return (
    <div className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-2.5 gap-y-0.5">
      <input
        type="checkbox"
        id={id}
        {...described(id, { label, hint })}
        {...rest}
        className="mt-0.5 size-4 accent-ink"
      />
      <label htmlFor={id} className="font-medium max-desk:pb-1">
        {label}
      </label>
      {hint ? (
        <p id={`${id}-hint`} className="col-start-2 text-xs text-ink-2">
          {hint}
        </p>
      ) : null}
    </div>
  );
}
