import { addDays, dayAt, instantOf, longZoneName, ownZone, wallClock, zoneName } from "@noirel/shared/time-zone";

/**
 * All dates and times of the admin: read and written in the shop's zone, wherever the reader's computer is. The zone comes with
 * `GET shop` before the first page is drawn (session/shop.ts).
 */
let zone = "UTC";

export function setShopZone(name: string): void {
  zone = name;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function format(options: Intl.DateTimeFormatOptions, timeZone: string): Intl.DateTimeFormat {
  const key = timeZone + JSON.stringify(options);
  let made = formats.get(key);
  if (!made) {
    made = new Intl.DateTimeFormat("en-IN", { ...options, timeZone });
    formats.set(key, made);
  }
  return made;
}

const SHORT_DATE = { day: "numeric", month: "short" } as const;
const DATE = { ...SHORT_DATE, year: "numeric" } as const;
const MINUTE = { ...DATE, hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;
const SECOND = { ...MINUTE, second: "2-digit" } as const;

/** "26 Nov 2026, 21:12 IST": an instant, with the zone named. */
export const when = (iso: string) => `${format(MINUTE, zone).format(new Date(iso))} ${zoneName(zone, iso)}`;

/** The same to the second: for histories, where two things happen in one minute. */
export const instant = (iso: string) => `${format(SECOND, zone).format(new Date(iso))} ${zoneName(zone, iso)}`;

/**
 * "26 Nov": the shop's day of an instant, or a calendar day ("2026-11-26"), which is the same in every zone. The year is added
 * when it is not this one.
 */
export function onDay(at: string, now: number = Date.now()): string {
  const day = /^\d{4}-\d\d-\d\d$/.test(at) ? at : dayAt(at, zone);
  const isThisYear = day.slice(0, 4) === dayAt(now, zone).slice(0, 4);
  return format(isThisYear ? SHORT_DATE : DATE, "UTC").format(new Date(`${day}T00:00:00Z`));
}

/** "2 min", "3 h", then the date: how long an order has waited, at a glance. */
export function ago(iso: string, now: number = Date.now()): string {
  const minutes = Math.floor((now - Date.parse(iso)) / 60_000);
  if (minutes < 1) return "now";
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 60 * 24) return `${Math.floor(minutes / 60)} h`;
  return onDay(iso, now);
}

/** "in 5 h", "in 3 days", "by 22 May", "overdue": how long there is to decide. Past two weeks nobody counts days. */
export function left(iso: string, now: number = Date.now()): string {
  const hours = (Date.parse(iso) - now) / 3_600_000;
  if (hours <= 0) return "overdue";
  if (hours < 1) return "within the hour";
  if (hours < 48) return `in ${Math.floor(hours)} h`;
  return hours < 24 * 15 ? `in ${Math.floor(hours / 24)} days` : `by ${onDay(iso, now)}`;
}

/** The same as a sentence, with the instant. */
export function decideBy(iso: string, now: number = Date.now()): string {
  const words = left(iso, now);
  if (words === "overdue") return `Overdue since ${when(iso)}`;
  return words.startsWith("by ") ? `Decide by ${when(iso)}` : `Decide ${words}, by ${when(iso)}`;
}

/** The shop's day today. */
export const today = (now: number = Date.now()): string => dayAt(now, zone);

/** The last n days of the shop, today among them. */
export function lastDays(days: number, now: number = Date.now()): { from: string; to: string } {
  const to = today(now);
  return { from: addDays(to, 1 - days), to };
}

/** An instant as a `datetime-local` input holds it, in the shop's zone. */
export const toLocal = (iso: string | null): string => (iso ? wallClock(iso, zone) : "");

/** What was typed there as an instant; null for nothing. */
export const fromLocal = (text: string): string | null => instantOf(text, zone);

/** "India Standard Time (IST)": whose time it is that one reads and types. */
export function shopZone(at: string | number = Date.now()): string {
  const [long, short] = [longZoneName(zone, at), zoneName(zone, at)];
  return long === short ? long : `${long} (${short})`;
}

/** What a typed shop time is by the reader's own computer; null where both clocks agree. */
export function byThisComputer(text: string): string | null {
  const at = fromLocal(text);
  const own = ownZone();
  if (!at || wallClock(at, own) === wallClock(at, zone)) return null;
  return `${format(MINUTE, own).format(new Date(at))} ${zoneName(own, at)}`;
}

/** What is wrong with a typed date, or date and time, that nobody means: a year of four digits that is long past or far off. */
export function wrongDate(text: string): string | undefined {
  const year = Number(text.slice(0, text.indexOf("-")));
  return !text || (year >= 2000 && year <= 2100) ? undefined : "Enter a year from 2000 to 2100.";
}
