import { Link } from "react-router";

/** Onward and back to the first page; the cursor stands in the URL, so opening a row and going back keeps the place. */
export function MorePages({
  next,
  total,
  shown,
  noun,
  href,
}: {
  next: string | null;
  total: number;
  shown: number;
  noun: string;
  href: (cursor: string | null) => string;
}) {
  return (
    <div className="flex items-center gap-4 border-t border-line px-4 py-3 text-ink-2">
      <span aria-live="polite">
        {shown} of {total} {noun}
      </span>
      <span className="ms-auto flex gap-4">
        <Link to={href(null)} className="underline underline-offset-4">
          First
        </Link>
        {next ? (
          <Link to={href(next)} className="underline underline-offset-4">
            Next
          </Link>
        ) : null}
      </span>
    </div>
  );
}
