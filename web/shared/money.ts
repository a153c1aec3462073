/** The one place that turns an amount in minor units into words. A price is never computed in the browser, only written. */
import type { Money } from "./api/types";

const LOCALE = "en-IN";
const plain = new Map<string, Intl.NumberFormat>();

/** Digits after the point of a currency: INR 2, JPY 0, KWD 3 (ISO 4217). */
export function exponent(currency: string): number {
  return new Intl.NumberFormat(LOCALE, { style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 2;
}

function formatter(currency: string, digits: number, locale: string): Intl.NumberFormat {
  const key = `${locale}/${currency}/${digits}`;
  let made = plain.get(key);
  if (!made) {
    made = new Intl.NumberFormat(locale, {
      style: "currency",
      currency,
      currencyDisplay: "narrowSymbol",
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    });
    plain.set(key, made);
  }
  return made;
}

/** `{amount: 1450000, currency: "INR"}` is ₹14,500; the decimals show only when there are any. Less than nothing has a minus sign: −₹105. */
export function formatMoney(money: Money, locale: string = LOCALE): string {
  const digits = exponent(money.currency);
  const unit = 10 ** digits;
  const whole = money.amount % unit === 0;
  return formatter(money.currency, whole ? 0 : digits, locale)
    .format(money.amount / unit)
    .replace("-", "−");
}

/** What a line of an order comes to before its share of a discount: lines of this add up to the subtotal. */
export function beforeDiscount({ total, discount }: { total: Money; discount: Money }): Money {
  return { ...total, amount: total.amount + discount.amount };
}

/** The sign of a currency: "₹". */
export function symbolOf(currency: string): string {
  return (
    formatter(currency, 0, LOCALE)
      .formatToParts(0)
      .find(({ type }) => type === "currency")?.value ?? currency
  );
}

/** The amount as a decimal string, for JSON-LD and forms: "14500.00". No float is made on the way. */
export function decimal(money: Money): string {
  const digits = exponent(money.currency);
  const sign = money.amount < 0 ? "-" : "";
  const figures = String(Math.abs(money.amount)).padStart(digits + 1, "0");
  return digits === 0 ? `${sign}${figures}` : `${sign}${figures.slice(0, -digits)}.${figures.slice(-digits)}`;
}
