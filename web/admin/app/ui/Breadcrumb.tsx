import { Link } from "react-router";

/** The way back to the list that a page came from. */
export function Breadcrumb({ to, children }: { to: string; children: string }) {
  return (
    <nav aria-label="Breadcrumb" className="pt-1 text-ink-3">
      <Link to={to} className="inline-flex min-h-6 items-center underline-offset-4 hover:underline">
        {children}
      </Link>
    </nav>
  );
}
