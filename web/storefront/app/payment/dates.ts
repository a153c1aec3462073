import { offsetAt, zoneName } from "@noirel/shared/time-zone";
import type { Zones } from "../parts/zones";

/** "21:12 IST": a time of the shop's clock, with its zone named. */
export function clock(at: string, { shop }: Pick<Zones, "shop">): string {
  return `${timeIn(at, shop)} ${zoneName(shop, at)}`;
}

/** "23 November 2026": a day of the shop's calendar. */
export function day(at: string, { shop }: Pick<Zones, "shop">): string {
  return new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: shop }).format(
    new Date(at),
  );
}

/** "21:12" in a zone. */
export function timeIn(at: string, zone: string): string {
  return new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: zone }).format(new Date(at));
}

/** "Thursday 26 November" in a zone. */
export function weekdayIn(at: string, zone: string): string {
  const words = new Intl.DateTimeFormat("en-GB", { weekday: "long", day: "numeric", month: "long", timeZone: zone });
  return words.format(new Date(at)).replace(",", "");
}

/**
 * " (15:42 your time)": a moment by the reader's own clock, to stand behind the shop's; with the day where that is another one.
 * Empty where both clocks agree, and while the reader's zone is not known.
 */
export function ownTime(at: string, { shop, own }: Zones): string {
  const instant = Date.parse(at);
  if (!own || offsetAt(instant, own) === offsetAt(instant, shop)) return "";
  const day = weekdayIn(at, own);
  return ` (${day === weekdayIn(at, shop) ? "" : `${day} at `}${timeIn(at, own)} your time)`;
}
