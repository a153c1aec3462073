import type { ProductCard } from "@noirel/shared/api/types";
import { hourOf } from "@noirel/shared/ui/plate";
import { useEffect, useRef } from "react";
import { Link } from "react-router";

export type Hour = { hour: string; name: string; slug: string };

/** Minutes since noon, so that the hours after midnight come after those before it. */
export function sinceNoon(hour: string): number {
  const [hours = 0, minutes = 0] = hour.split(":").map(Number);
  return (((hours + 12) % 24) * 60 + minutes + 1440) % 1440;
}

/** The perfumes that have an hour, dusk first. */
export function hoursOf(products: ProductCard[]): Hour[] {
  return products
    .flatMap(({ name, slug, attributes }) => {
      const hour = hourOf(attributes);
      return hour ? [{ hour, name, slug }] : [];
    })
    .sort((a, b) => sinceNoon(a.hour) - sinceNoon(b.hour));
}

type DialProps = { hours: Hour[]; current?: string | null; to: (hour: Hour) => string; className?: string };

/** The hours of the night at their true distance along one line. */
export function Dial({ hours, current = null, to, className = "" }: DialProps) {
  const line = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const here = current && line.current?.querySelector<HTMLElement>("[aria-current]");
    if (here && line.current) line.current.scrollLeft = here.offsetLeft - line.current.clientWidth / 2;
  }, [current]);
  const first = hours[0];
  const last = hours.at(-1);
  if (!first || !last) return null;
  const from = sinceNoon(first.hour);
  const span = sinceNoon(last.hour) - from || 1;
  return (
    <nav aria-label="The hours" className={`min-w-0 ${className}`}>
      <div ref={line} className="dial-scroll -mx-gutter overflow-x-auto px-gutter">
        <ol className="dial relative h-14 min-w-[52rem] desk:min-w-0">
          {hours.map((hour) => {
            const chosen = hour.hour === current;
            const end = hour === last;
            return (
              <li
                key={hour.slug}
                aria-current={chosen ? "page" : undefined}
                style={{ insetInlineStart: `${((sinceNoon(hour.hour) - from) / span) * 100}%` }}
                className={`absolute top-0 text-sm ${end ? "-translate-x-full rtl:translate-x-full" : ""}`}
                data-end={end || undefined}
              >
                <Link
                  to={to(hour)}
                  preventScrollReset
                  viewTransition
                  className="numerals flex min-h-11 items-end pe-1 pb-1 whitespace-nowrap"
                >
                  <bdi>{hour.hour}</bdi>
                  <span className="sr-only">, {hour.name}</span>
                </Link>
              </li>
            );
          })}
        </ol>
      </div>
    </nav>
  );
}
