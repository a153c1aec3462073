/**
 * Wall-clock time in a named zone, by `Intl` alone. An instant is an ISO 8601 string in UTC; a wall-clock time is what a
 * `datetime-local` input holds ("2026-11-26T21:12"), and a day is "2026-11-26".
 */
const partsOf = new Map<string, Intl.DateTimeFormat>();

function fields(at: number, zone: string): Record<string, number> {
  let format = partsOf.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
    });
    partsOf.set(zone, format);
  }
  return Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
}

/** How far the zone is ahead of UTC at an instant, in milliseconds. */
export function offsetAt(at: number, zone: string): number {
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = fields(at, zone);
  const whole = Math.floor(at / 1000) * 1000;
  return Date.UTC(year, month - 1, day, hour, minute, second) - whole;
}

/** The wall-clock time of an instant in a zone, to the minute. */
export function wallClock(at: string | number, zone: string): string {
  const instant = typeof at === "number" ? at : Date.parse(at);
  return new Date(instant + offsetAt(instant, zone)).toISOString().slice(0, 16);
}

/** The day on which an instant falls in a zone. */
export const dayAt = (at: string | number, zone: string): string => wallClock(at, zone).slice(0, 10);

/** The day `days` after another one; a calendar day has no zone. */
export function addDays(day: string, days: number): string {
  const at = new Date(`${day}T00:00:00Z`);
  at.setUTCDate(at.getUTCDate() + days);
  return at.toISOString().slice(0, 10);
}

/**
 * The instant of a wall-clock time in a zone; null when it is not one. A time that a change of the clocks skips is moved on by
 * the length of the gap, and of a time that occurs twice the earlier instant is taken, as in RFC 5545.
 */
export function instantOf(text: string, zone: string): string | null {
  const wall = Date.parse(`${text}Z`);
  // Date.parse() takes 30 February for 2 March.
  if (!/^\d{4}(-\d\d){2}T\d\d:\d\d$/.test(text) || Number.isNaN(wall)) return null;
  if (new Date(wall).toISOString().slice(0, 16) !== text) return null;
  const day = 86_400_000;
  const [before, after] = [offsetAt(wall - day, zone), offsetAt(wall + day, zone)];
  // The offset before a change of the clocks is tried first: it gives the earlier of two, and moves on through a gap.
  const fitting = [before, after].find((offset) => offsetAt(wall - offset, zone) === offset);
  return new Date(wall - (fitting ?? before)).toISOString();
}

const NAMING = ["en-IN", "en-GB", "en-US", "en-AU"];

/** The short name of a zone at an instant: "IST", "PST", or "GMT+9" where it has none in English. */
export function zoneName(zone: string, at: string | number = Date.now()): string {
  const names = NAMING.map((locale) => named(locale, zone, "short", at));
  return names.find((name) => !/^GMT[+-]/.test(name)) ?? names[0] ?? zone;
}

/** The long name of a zone at an instant: "India Standard Time". */
export const longZoneName = (zone: string, at: string | number = Date.now()): string =>
  named("en-GB", zone, "long", at);

function named(locale: string, zone: string, style: "short" | "long", at: string | number): string {
  const parts = new Intl.DateTimeFormat(locale, { timeZone: zone, timeZoneName: style }).formatToParts(new Date(at));
  return parts.find(({ type }) => type === "timeZoneName")?.value ?? zone;
}

/** The zone of the reader's own computer. */
export const ownZone = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone;
