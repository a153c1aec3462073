/**
 * A whole number as people write it: digits alone, with a sign where `signed`. Null for anything else, "1e3", "0x10" and "2.0"
 * among it, so that no number is read that was not typed.
 */
export function parseWhole(text: string, { signed = false }: { signed?: boolean } = {}): number | null {
  const typed = text.trim().replace("−", "-");
  return (signed ? /^[+-]?\d{1,9}$/ : /^\d{1,9}$/).test(typed) ? Number(typed) : null;
}

/** A number with or without decimals, "12" or "-1.5", and null for anything else. */
export function parseDecimal(text: string): number | null {
  const typed = text.trim().replace("−", "-");
  return /^-?\d{1,12}(?:\.\d{1,12})?$/.test(typed) ? Number(typed) : null;
}

/** "12.5" or "12.5 %" as hundredths of a percent; null when it is no such number. */
export function parsePercent(text: string): number | null {
  const match = /^(\d{1,3})(?:\.(\d{1,2}))?$/.exec(text.trim().replace(/\s*%$/, ""));
  return match ? Number(`${match[1]}${(match[2] ?? "").padEnd(2, "0")}`) : null;
}

/** What is wrong with a number that has to lie between two; undefined when it does. */
export function wrongWhole(number: number | null, { from, to }: { from: number; to: number }): string | undefined {
  const shown = (value: number) => value.toLocaleString("en-IN");
  if (number !== null && number >= from && number <= to) return undefined;
  return number !== null && number > to && from === 0
    ? `Enter ${shown(to)} or less.`
    : `Enter a whole number from ${shown(from)} to ${shown(to)}.`;
}
