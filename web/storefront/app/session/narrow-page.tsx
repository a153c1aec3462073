import { type ReactNode, useEffect, useRef } from "react";

/** A page with one short form or one message, as tall as the view so that the footer doesn't move. The heading takes focus when `title` changes after a submit. */
export function NarrowPage({ title, lead, children }: { title: string; lead?: ReactNode; children?: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null);
  const first = useRef(title);
  useEffect(() => {
    if (first.current !== title) heading.current?.focus();
    first.current = title;
  }, [title]);
  return (
    <div className="wrap min-h-svh max-w-[32rem]! pt-6 desk:pt-12">
      <h1 ref={heading} tabIndex={-1} className="display text-4xl text-balance">
        {title}
      </h1>
      {lead && <p className="mt-5 text-pretty text-ink-2">{lead}</p>}
      {children}
    </div>
  );
}
