import { decimal, exponent } from "@noirel/shared/money";
import type { Money } from "../types";

/** "14500" or "14500.50": an amount for a form field, without its decimals when there are none. */
export function toMajor(money: Money): string {
  return decimal(money).replace(/\.0+$/, "");
}

/**
 * What was typed, in minor units; null when it is no amount of that currency. Digits may be grouped, "1,00,000" or "100,000". No float
 * on the way.
 */
export function parseMajor(text: string, currency: string): Money | null {
  const places = exponent(currency);
  const match = /^(\d{1,12}|\d{1,3}(?:[,\s]\d{2,3})*[,\s]\d{3})(?:\.(\d+))?$/.exec(text.trim());
  if (!match || (match[2]?.length ?? 0) > places) return null;
  return { amount: Number(`${match[1]?.replace(/\D/g, "")}${(match[2] ?? "").padEnd(places, "0")}`), currency };
}
