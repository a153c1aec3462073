import type { ReactNode } from "react";

export function Panel({
  title,
  aside,
  children,
  className = "",
}: {
  title?: string;
  aside?: ReactNode;
  children: ReactNode;
  className?: string;
}) {
  return (
    <section className={`min-w-0 rounded-panel border border-line bg-raised ${className}`}>
      {title ? (
        <header className="flex items-center gap-3 px-4 pt-3 pb-2">
          <h2 className="font-medium">{title}</h2>
          {aside ? <div className="ms-auto text-ink-2">{aside}</div> : null}
        </header>
      ) : null}
      {children}
    </section>
  );
}

export function PageTitle({ children, aside }: { children: ReactNode; aside?: ReactNode }) {
  return (
    <div className="flex flex-wrap items-end gap-x-4 gap-y-3 pt-3 pb-4">
      <h1 tabIndex={-1} className="min-w-0 font-display text-[2.125rem] leading-none font-light outline-none">
        {children}
      </h1>
      {aside ? <div className="ms-auto flex flex-wrap gap-2">{aside}</div> : null}
    </div>
  );
}

export function Empty({ children, action }: { children: ReactNode; action?: ReactNode }) {
  return (
    <div className="grid justify-items-center gap-4 px-6 py-14 text-center">
      <p className="font-display text-2xl leading-tight font-light">{children}</p>
      {action}
    </div>
  );
}
