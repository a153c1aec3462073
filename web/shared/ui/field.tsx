import { type ComponentProps, type ReactNode, useId } from "react";

type Shared = {
  label: string;
  /** Beside the label, and read with it: "for the courier only". */
  aside?: ReactNode;
  /** A control beside the label that isn't part of it: a button that shows a password. */
  action?: ReactNode;
  hint?: ReactNode;
  error?: string | null | undefined;
  className?: string;
};

const CONTROL =
  "block min-h-12 w-full rounded-control border bg-raised px-3.5 text-[1rem] text-ink transition-colors duration-(--t-tap)";

function Frame({
  id,
  label,
  aside,
  action,
  hint,
  error,
  className = "",
  children,
}: Shared & { id: string; children: ReactNode }) {
  return (
    <div className={`min-w-0 text-sm ${className}`}>
      <div className="mb-1.5 flex flex-wrap justify-between gap-x-3">
        <label htmlFor={id} className="flex grow flex-wrap justify-between gap-x-3 font-medium">
          {label}
          {aside && <span className="font-normal text-ink-3">{aside}</span>}
        </label>
        {action}
      </div>
      {children}
      {error && (
        <p id={`${id}-error`} className="mt-1.5 text-danger">
          {error}
        </p>
      )}
      {hint && (
        <p id={`${id}-hint`} className="mt-1.5 text-ink-2">
          {hint}
        </p>
      )}
    </div>
  );
}

function described(id: string, { hint, error }: Pick<Shared, "hint" | "error">) {
  const ids = [error && `${id}-error`, hint && `${id}-hint`].filter(Boolean).join(" ");
  return {
    id,
    "aria-describedby": ids || undefined,
    "aria-invalid": error ? (true as const) : undefined,
  };
}

const edge = (error: Shared["error"]) =>
  error ? "border-danger inset-ring inset-ring-danger" : "border-rule hover:border-ink-2";

/** A labelled input: the label above, the hint and the error under it, both read with it. */
export function Field({
  label,
  aside,
  action,
  hint,
  error,
  className,
  id: given,
  ...input
}: Shared & Omit<ComponentProps<"input">, "className">) {
  const made = useId();
  const id = given ?? made;
  return (
    <Frame {...{ id, label, aside, action, hint, error }} {...(className !== undefined && { className })}>
      <input {...input} {...described(id, { hint, error })} className={`${CONTROL} ${edge(error)}`} />
    </Frame>
  );
}

export function TextArea({
  label,
  aside,
  action,
  hint,
  error,
  className,
  id: given,
  ...input
}: Shared & Omit<ComponentProps<"textarea">, "className">) {
  const made = useId();
  const id = given ?? made;
  return (
    <Frame {...{ id, label, aside, action, hint, error }} {...(className !== undefined && { className })}>
      <textarea rows={4} {...input} {...described(id, { hint, error })} className={`${CONTROL} py-3 ${edge(error)}`} />
    </Frame>
  );
}

export function Select({
  label,
  aside,
  action,
  hint,
  error,
  className,
  id: given,
  ...input
}: Shared & Omit<ComponentProps<"select">, "className">) {
  const made = useId();
  const id = given ?? made;
  return (
    <Frame {...{ id, label, aside, action, hint, error }} {...(className !== undefined && { className })}>
      <select {...input} {...described(id, { hint, error })} className={`${CONTROL} ${edge(error)}`} />
    </Frame>
  );
}
