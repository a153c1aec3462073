const full = new Intl.DateTimeFormat("en-IN", {
  day: "numeric",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});
const day = new Intl.DateTimeFormat("en-IN", { day: "numeric", month: "short" });

export const when = (iso: string) => full.format(new Date(iso));
export const onDay = (iso: string) => day.format(new Date(iso));

/** "2 min", "3 h", then the date: how long an order has waited, at a glance. */
export function ago(iso: string, now: number = Date.now()): string {
  const minutes = Math.floor((now - Date.parse(iso)) / 60_000);
  if (minutes < 1) return "now";
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 60 * 24) return `${Math.floor(minutes / 60)} h`;
  return onDay(iso);
}
