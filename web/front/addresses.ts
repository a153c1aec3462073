import { isIPv6 } from "node:net";

/** An IPv4 address that arrived on an IPv6 socket, as IPv4. */
export const plainAddress = (address = "") => address.replace(/^::ffff:(?=\d+\.)/i, "");

/** What limits are counted by: an IPv4 address, or the /64 of an IPv6 address, which one client has to itself. */
export function networkOf(address = ""): string {
  const plain = plainAddress(address).replace(/%.*$/, "");
  if (!isIPv6(plain)) return plain;
  const [start = "", end] = plain.toLowerCase().split("::");
  const groups = start ? start.split(":") : [];
  if (end !== undefined) {
    const after = end ? end.split(":") : [];
    // An embedded IPv4 address stands for two groups.
    const missing = 8 - groups.length - after.length - (plain.includes(".") ? 1 : 0);
    groups.push(...Array<string>(Math.max(0, missing)).fill("0"), ...after);
  }
  const prefix = groups.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return `${prefix.join(":")}::/64`;
}
