import { readStorage, writeStorage } from "../session/storage";

/** The numbers of orders that this browser placed and has not seen paid or ended; their tokens are stored beside them. */
const NAME = "noirel.unpaid";
const MOST = 5;

/** The newest first. */
export function unpaidNumbers(): string[] {
  try {
    const stored: unknown = JSON.parse(readStorage(NAME) ?? "[]");
    return Array.isArray(stored) ? stored.filter((number) => typeof number === "string") : [];
  } catch {
    return [];
  }
}

export function rememberUnpaid(number: string): void {
  const others = unpaidNumbers().filter((other) => other !== number);
  writeStorage(NAME, JSON.stringify([number, ...others].slice(0, MOST)));
}

export function forgetUnpaid(number: string): void {
  const before = unpaidNumbers();
  const left = before.filter((other) => other !== number);
  if (left.length < before.length) writeStorage(NAME, left.length > 0 ? JSON.stringify(left) : null);
}
