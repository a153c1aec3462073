import { expect, test } from "vitest";
import { ago, decideBy, left, toLocal } from "./time";

const now = Date.parse("2026-11-23T12:00:00Z");

test.each([
  ["2026-11-23T11:59:40Z", "now"],
  ["2026-11-23T11:42:00Z", "18 min"],
  ["2026-11-23T09:00:00Z", "3 h"],
  ["2026-11-20T09:00:00Z", "20 Nov"],
])("an order placed at %s waits %s", (placed, said) => {
  expect(ago(placed, now)).toBe(said);
});

test("an instant comes back as it was typed", () => {
  expect(toLocal(new Date("2026-11-26T21:12").toISOString())).toBe("2026-11-26T21:12");
  expect(toLocal(null)).toBe("");
});

test.each([
  ["2026-11-23T11:00:00Z", "overdue", /^Overdue since 23 Nov 2026/],
  ["2026-11-24T12:00:00Z", "in 24 h", /^Decide in 24 h, by 24 Nov 2026/],
  ["2026-12-03T12:00:00Z", "in 10 days", /^Decide in 10 days, by 3 Dec 2026/],
  ["2027-05-21T12:00:00Z", "by 21 May", /^Decide by 21 May 2027/],
])("what is to be decided until %s says %s", (deadline, said, sentence) => {
  expect(left(deadline, now)).toBe(said);
  expect(decideBy(deadline, now)).toMatch(sentence);
});
