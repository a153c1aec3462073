import { Link, useLocation } from "react-router";

/** Onward, and back to the first page from a later one; the cursor stands in the URL, so opening a row and going back keeps the place. */
export function MorePages({
  next,
  total,
  shown,
  noun,
}: {
  next: string | null;
  total: number;
  shown: number;
  noun: string;
}) {
  const { pathname, search } = useLocation();
  const isLaterPage = new URLSearchParams(search).has("cursor");
  const href = (cursor: string | null) => {
    const params = new URLSearchParams(search);
    params.delete("cursor");
    if (cursor) params.set("cursor", cursor);
    return params.size ? `${pathname}?${params}` : pathname;
  };
  if (total === 0 && !isLaterPage) return null; // the list itself says that it is empty
  return (
    <div className="flex items-center gap-4 border-t border-line px-4 py-3 text-ink-2">
      <span aria-live="polite">
        {shown} of {total} {noun}
      </span>
      <span className="ms-auto flex gap-4">
        {isLaterPage ? (
          <Link to={href(null)} className="underline underline-offset-4">
            First
          </Link>
        ) : null}
        {next ? (
          <Link to={href(next)} className="underline underline-offset-4">
            Next
          </Link>
        ) : null}
      </span>
    </div>
  );
}
