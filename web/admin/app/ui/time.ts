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

const exact = new Intl.DateTimeFormat("en-IN", {
  day: "numeric",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});

/** To the second: for histories, where two things happen in one minute. */
export const instant = (iso: string) => exact.format(new Date(iso));

/** "in 5 h", "in 3 days", "by 22 May", "overdue": how long there is to decide. Past two weeks nobody counts days. */
export function left(iso: string, now: number = Date.now()): string {
  const hours = (Date.parse(iso) - now) / 3_600_000;
  if (hours <= 0) return "overdue";
  if (hours < 1) return "within the hour";
  if (hours < 48) return `in ${Math.floor(hours)} h`;
  return hours < 24 * 15 ? `in ${Math.floor(hours / 24)} days` : `by ${onDay(iso)}`;
}

/** The same as a sentence, with the instant. */
export function decideBy(iso: string, now: number = Date.now()): string {
  const words = left(iso, now);
  if (words === "overdue") return `Overdue since ${when(iso)}`;
  return words.startsWith("by ") ? `Decide by ${when(iso)}` : `Decide ${words}, by ${when(iso)}`;
}

const two = (count: number) => String(count).padStart(2, "0");

/** An instant as `datetime-local` wants it, on this computer's clock. */
export function toLocal(iso: string | null): string {
  if (!iso) return "";
  const at = new Date(iso);
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** What was chosen there, as an instant; null for nothing. */
export const fromLocal = (text: string): string | null => (text ? new Date(text).toISOString() : null);
