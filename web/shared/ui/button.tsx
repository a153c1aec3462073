import type { ComponentProps } from "react";
import { useHydrated } from "./hydrated";

const BASE =
  "relative inline-flex min-h-11 max-w-full flex-wrap items-center justify-center gap-x-3 rounded-control px-[min(2rem,8vw)] text-[0.9375rem] font-medium leading-tight tracking-[0.01em] transition-[background-color,border-color,color,opacity] duration-(--t-tap) aria-disabled:cursor-not-allowed disabled:cursor-not-allowed disabled:not-data-waiting:opacity-60";
const LOOKS = {
  primary: "bg-ink text-paper hover:bg-ink-2",
  plain: "border border-rule text-ink hover:border-ink hover:bg-raised",
} as const;

/** The classes of a button, for links that act like one. */
export function buttonClass(look: keyof typeof LOOKS = "primary", size: "tall" | "low" = "tall"): string {
  return `${BASE} ${LOOKS[look]} ${size === "tall" ? "min-h-14" : "min-h-11 px-[min(1.5rem,6vw)]"}`;
}

type ButtonProps = ComponentProps<"button"> & {
  look?: keyof typeof LOOKS;
  size?: "tall" | "low";
  /** At work: keeps its width and name, adds "…", and takes no second press. */
  busy?: boolean;
  /** What the press does needs JavaScript: disabled until the page is hydrated. Always so unless it submits a form. */
  scripted?: boolean;
};

/** `disabled` until a script can handle the press; CSS hides what waits for ever where scripts are off. */
function waiting(waits: boolean) {
  return waits ? { disabled: true, "data-waiting": "" } : {};
}

/** An unstyled button that a script handles: disabled until the page is hydrated, so that no press is lost. */
export function ScriptButton(props: ComponentProps<"button">) {
  const waits = !useHydrated();
  return <button type="button" {...props} {...waiting(waits)} />;
}

export function Button({
  look = "primary",
  size = "tall",
  busy = false,
  scripted,
  className = "",
  children,
  onClick,
  ...rest
}: ButtonProps) {
  const hydrated = useHydrated();
  return (
    <button
      type="button"
      {...rest}
      {...waiting(!hydrated && (scripted ?? rest.type !== "submit"))}
      aria-disabled={busy || undefined}
      aria-busy={busy || undefined}
      className={`${buttonClass(look, size)} ${className}`}
      onClick={(event) => (busy ? event.preventDefault() : onClick?.(event))}
    >
      {children}
      {busy && <span aria-hidden="true">…</span>}
    </button>
  );
}
