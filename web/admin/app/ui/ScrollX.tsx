import type { ReactNode } from "react";

/** What may be wider than the page, above all a table without links or fields in it: it scrolls sideways, by keys as well. */
export function ScrollX({
  label,
  children,
  className = "",
}: {
  label: string;
  children: ReactNode;
  className?: string;
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways has to scroll by keys as well
    <section aria-label={label} tabIndex={0} className={`overflow-x-auto ${className}`}>
      {children}
    </section>
  );
}
