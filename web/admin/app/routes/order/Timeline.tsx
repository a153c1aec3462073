import { type ReactNode, useId } from "react";
import { useSearchParams } from "react-router";
import type { AdminOrder } from "../../types";
import { Panel } from "../../ui/Panel";
import { instant, when } from "../../ui/time";
import { actedOn } from "./actors";

/**
 * What happened, the newest first. The slider goes back to any moment of it: the page then shows the order as it was.
 * `events` are all there are by now, `at` is the moment in the URL.
 */
export function Timeline({
  events,
  at,
  children,
}: {
  events: AdminOrder["events"];
  at: string | null;
  children?: ReactNode;
}) {
  const [params, search] = useSearchParams();
  const id = useId();
  const last = events.length - 1;
  const shown = at === null ? last : events.findLastIndex((event) => Date.parse(event.at) <= Date.parse(at));
  const go = (index: number) => {
    const next = new URLSearchParams(params);
    const event = events[index];
    if (index >= last || !event) next.delete("at");
    else next.set("at", justAfter(event.at));
    search(next, { replace: true, preventScrollReset: true });
  };
  return (
    <Panel title="Timeline" aside={at === null ? "As it is now" : `As of ${instant(at)}`}>
      {last > 0 ? (
        <div className="flex items-center gap-3 border-t border-line px-4 py-2.5">
          <label htmlFor={id} className="whitespace-nowrap text-ink-2">
            As of
          </label>
          <input
            id={id}
            type="range"
            min={0}
            max={last}
            value={Math.max(shown, 0)}
            aria-valuetext={events[shown] ? `${instant(events[shown].at)}: ${events[shown].message}` : undefined}
            onChange={(event) => go(Number(event.target.value))}
            className="min-w-0 flex-1 rounded-admin max-desk:h-11"
          />
          <span className="whitespace-nowrap text-ink-2">now</span>
        </div>
      ) : null}
      <ol className="border-t border-line px-4 py-3">
        {events
          .map((event, index) => ({ event, index }))
          .reverse()
          .map(({ event, index }) => (
            <li
              key={index}
              aria-current={index === shown && at !== null ? "step" : undefined}
              className={`grid grid-cols-[minmax(0,1fr)_auto] items-baseline gap-3 py-1.5 wrap-anywhere max-desk:py-0 ${index > shown ? "text-ink-3" : ""} aria-[current]:font-medium`}
            >
              <span>{actedOn(event)}</span>
              <button
                type="button"
                onClick={() => go(index)}
                aria-label={`Show the order as of ${instant(event.at)}`}
                className="min-h-6 text-ink-3 underline-offset-4 hover:text-ink hover:underline max-desk:min-h-11"
              >
                <time dateTime={event.at}>{when(event.at)}</time>
              </button>
            </li>
          ))}
      </ol>
      {children}
    </Panel>
  );
}

/** An instant is told to the millisecond and kept to the microsecond: the event itself has to be in. */
const justAfter = (iso: string) => new Date(Date.parse(iso) + 1).toISOString();
