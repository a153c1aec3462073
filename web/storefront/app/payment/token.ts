import { readStorage, writeStorage } from "../session/storage";

const name = (number: string) => `noirel.order.${number}`;

/** The key to a guest's order: comes in the address once, is kept by the browser, and leaves the address at once. */
export function orderToken(number: string): string {
  return readStorage(name(number)) ?? "";
}

/** Removes the token of an order that it doesn't open. */
export function forgetOrderToken(number: string): void {
  writeStorage(name(number), null);
}

export function keepOrderToken(number: string, token: string): void {
  if (token) writeStorage(name(number), token);
}
