import { Link } from "react-router";

type View = { to: string; label: string; current: boolean };

/** A list's standing questions, each of them a URL. */
export function ViewTabs({ views }: { views: View[] }) {
  return (
    <nav aria-label="Views" className="flex gap-1 max-desk:w-full max-desk:overflow-x-auto">
      {views.map(({ to, label, current }) => (
        <Link
          key={label}
          to={to}
          aria-current={current ? "page" : undefined}
          className="flex items-center whitespace-nowrap rounded-admin px-2.5 py-1 text-ink-2 hover:text-ink aria-[current]:bg-sunk aria-[current]:font-medium aria-[current]:text-ink max-desk:min-h-11"
        >
          {label}
        </Link>
      ))}
    </nav>
  );
}
