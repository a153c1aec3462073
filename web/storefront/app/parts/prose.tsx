import { type ReactNode, useEffect, useRef } from "react";
import { useLocation } from "react-router";

type ProseProps = {
  title: string;
  lead?: string /** "In force since 23 November 2026." */;
  aside?: ReactNode;
  children: ReactNode;
};

/** A page of words: a large title, one column of 34em. */
export function Prose({ title, lead, aside, children }: ProseProps) {
  return (
    <article className="wrap grid gap-x-gap gap-y-10 pt-6 desk:grid-cols-12 desk:pt-12">
      <header className="grid gap-6 desk:col-span-12 desk:pb-6">
        <h1 className="display max-w-[14em] text-4xl">{title}</h1>
        {lead && <p className="max-w-prose text-lg text-ink-2">{lead}</p>}
      </header>
      {aside && <aside className="text-sm text-ink-3 desk:col-span-3">{aside}</aside>}
      <div className="prose max-w-prose desk:col-span-7 desk:col-start-5">{children}</div>
    </article>
  );
}

/** Questions as native disclosures. */
export function Question({ title, id, children }: { title: string; id?: string; children: ReactNode }) {
  const details = useRef<HTMLDetailsElement>(null);
  const { hash } = useLocation();
  // A link to the question leads to its answer.
  useEffect(() => {
    if (id && hash === `#${id}` && details.current) details.current.open = true;
  }, [id, hash]);
  return (
    <details ref={details} id={id} className="group border-b border-line first-of-type:border-t">
      <summary className="flex min-h-14 items-center justify-between gap-6 py-3 font-medium text-ink">
        {title}
        <span aria-hidden="true" className="text-ink-3 transition-transform duration-(--t-state) group-open:rotate-45">
          +
        </span>
      </summary>
      <div className="pb-5">{children}</div>
    </details>
  );
}
