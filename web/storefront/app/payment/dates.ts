/** Times and dates of the shop's own zone. */
const ZONE = "Asia/Kolkata";

export function clock(at: string): string {
  return new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: ZONE }).format(new Date(at));
}

export function day(at: string): string {
  return new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: ZONE }).format(
    new Date(at),
  );
}
