import { expect, test } from "vitest";
import { helpFor } from "./help";

test.each([
  ["returns", "/returns-policy"],
  ["return policy", "/returns-policy"],
  ["how do I return a bottle", "/returns-policy"],
  ["retuns", "/returns-policy"],
  ["retrun", "/returns-policy"],
  ["refund", "/returns-policy"],
  ["shipping", "/returns-policy"],
  ["free shipping", "/returns-policy"],
  ["delivery", "/returns-policy"],
  ["when will it arrive", "/help#delivery"],
  ["track my order", "/orders/find"],
  ["where is my parcel", "/orders/find"],
  ["engraving", "/help#engraving"],
  ["initials", "/help#engraving"],
  ["UPI", "/help#payment"],
  ["payment failed", "/help#failed"],
  ["forgot password", "/help#password"],
  ["guest account", "/help#account"],
  ["privacy", "/privacy"],
  ["cookies", "/privacy"],
  ["contact", "/help"],
  ["customer service", "/help"],
  ["FAQ", "/help"],
  ["deliv", "/returns-policy"],
])("“%s” leads to %s first", (q, to) => {
  expect(helpFor(q)[0]?.to).toBe(to);
});

test.each([
  "rose",
  "oud for men",
  "iris",
  "turns",
  "encre",
  "woody perfume for the evening",
  "",
  "the",
  "???",
  "shape",
])("“%s” is no question about the shop", (q) => {
  expect(helpFor(q)).toEqual([]);
});
