import { keep, kept } from "../session/kept";

const name = (number: string) => `noirel.order.${number}`;

/** The key to a guest's order: comes in the address once, is kept by the browser, and leaves the address at once. */
export function orderToken(number: string): string {
  return kept(name(number)) ?? "";
}

/** Removes the token of an order that it doesn't open. */
export function forgetOrderToken(number: string): void {
  keep(name(number), null);
}

export function keepOrderToken(number: string, token: string): void {
  if (token) keep(name(number), token);
}
