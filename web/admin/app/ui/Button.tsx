import type { ButtonHTMLAttributes, MouseEvent, ReactNode } from "react";
import { Link } from "react-router";

const base =
  "inline-flex items-center justify-center gap-2 rounded-admin border px-3 font-medium transition-colors duration-120 disabled:cursor-not-allowed disabled:opacity-55 aria-disabled:cursor-not-allowed aria-disabled:opacity-55 max-desk:min-h-11";
const oneLine = "h-8.5 whitespace-nowrap";
const kinds = {
  quiet: "border-line bg-raised text-ink hover:border-rule",
  primary: "border-ink bg-ink text-paper hover:opacity-90",
  danger: "border-danger bg-raised text-danger hover:bg-danger hover:text-paper",
} as const;

type Kind = keyof typeof kinds;

/** While `busy` it keeps the focus, which a disabled button would drop, and ignores presses. */
export function Button({
  kind = "quiet",
  busy = false,
  wrap = false,
  className = "",
  onClick,
  children,
  ...rest
}: ButtonHTMLAttributes<HTMLButtonElement> & {
  kind?: Kind;
  busy?: boolean;
  /** A long text takes two lines rather than make a phone’s dialog wider than the phone. */
  wrap?: boolean;
}) {
  return (
    <button
      type="button"
      {...rest}
      aria-busy={busy || undefined}
      aria-disabled={busy || undefined}
      onClick={busy ? ignore : onClick}
      className={`${base} ${wrap ? "min-h-8.5 max-w-full py-1.5 text-balance wrap-anywhere" : oneLine} ${kinds[kind]} ${className}`}
    >
      {children}
      {busy ? "…" : null}
    </button>
  );
}

/** Neither an act nor, for a submit button, a submission. */
export const ignore = (event: MouseEvent) => event.preventDefault();

export function ButtonLink({ to, kind = "quiet", children }: { to: string; kind?: Kind; children: ReactNode }) {
  return (
    <Link to={to} className={`${base} ${oneLine} ${kinds[kind]}`}>
      {children}
    </Link>
  );
}
