import type { Drop } from "@noirel/shared/api/types";
import { Plate } from "@noirel/shared/ui/plate";
import { Link } from "react-router";
import { dropPhase, momentOf, timeUntil } from "./moment";
import { useZones, type Zones } from "./zones";

/** Where a drop is in its time, in one sentence, with the moment that matters next. */
export function dropWords(drop: Drop, now: number, zones: Zones): string {
  const lottery = drop.mode === "lottery";
  const phase = drop.status === "announced" ? dropPhase(drop, now) : "over";
  if (phase === "before") {
    return `${lottery ? "Entries open" : "Opens"} ${timeUntil(drop.opens_at, now)}, on ${momentOf(drop.opens_at, zones)}`;
  }
  if (phase === "open") {
    const what = lottery ? "Entries are open" : "Open now";
    return drop.closes_at ? `${what}, until ${momentOf(drop.closes_at, zones)}` : what;
  }
  if (lottery && drop.status === "drawn") return "Drawn";
  return lottery && drop.status !== "ended" ? "Entries have closed" : "Closed";
}

/** One drop in a list: its plate, its name, and when. */
export function DropRow({ drop, now }: { drop: Drop; now: number }) {
  const zones = useZones();
  const [first] = drop.variants;
  const names = [...new Set(drop.variants.map(({ product }) => product.name))].join(", ");
  return (
    <li className="relative grid grid-cols-[5.5rem_1fr] items-center gap-5 border-b border-line py-5 desk:grid-cols-[8rem_1fr_auto] desk:gap-8">
      <Plate picture={first?.image} attributes={first?.product.attributes ?? {}} sizes="128px" alt="" />
      <div className="min-w-0">
        <h3 className="display text-2xl leading-none break-words">
          <Link to={`/drops/${drop.slug}`} className="after:absolute after:inset-0 after:content-['']">
            {drop.name}
          </Link>
        </h3>
        <p className="numerals mt-2 text-[0.9375rem] text-pretty text-ink-2">{dropWords(drop, now, zones)}.</p>
        {names && names !== drop.name && <p className="mt-1 text-sm text-ink-3">{names}</p>}
      </div>
      <span className="text-sm text-ink-3 max-desk:hidden">
        {drop.mode === "lottery" ? "Drawn by lot" : "First come, first served"}
      </span>
    </li>
  );
}
