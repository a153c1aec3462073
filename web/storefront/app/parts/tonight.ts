import { wallClock } from "@noirel/shared/time-zone";
import { sinceNoon } from "./dial";

const EVENING = sinceNoon("18:00");
const MORNING = sinceNoon("06:00");

/** Between dusk and dawn the nearest hour; by day the house's choice. The clock is the shop's. */
export function tonight(hours: string[], now: number, zone: string): string | null {
  const at = sinceNoon(wallClock(now, zone).slice(11));
  if (at < EVENING || at > MORNING) return null;
  return [...hours].sort((a, b) => Math.abs(sinceNoon(a) - at) - Math.abs(sinceNoon(b) - at))[0] ?? null;
}
