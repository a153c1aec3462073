import { decimal, exponent } from "@noirel/shared/money";
import type { Money } from "../types";

/** "14500" or "14500.50": an amount for a form field, without its decimals when there are none. */
export function toMajor(money: Money): string {
  return decimal(money).replace(/\.0+$/, "");
}

/** What was typed, in minor units; null when it is no amount of that currency. No float on the way. */
export function parseMajor(text: string, currency: string): Money | null {
  const places = exponent(currency);
  const match = /^(\d{1,12})(?:\.(\d+))?$/.exec(text.replace(/[,\s]/g, ""));
  if (!match || (match[2]?.length ?? 0) > places) return null;
  return { amount: Number(`${match[1]}${(match[2] ?? "").padEnd(places, "0")}`), currency };
}
