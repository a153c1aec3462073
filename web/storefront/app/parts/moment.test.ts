import { expect, test } from "vitest";
import { dateOf, dropPhase, durationText, momentOf, timeUntil } from "./moment";

const at = "2026-11-26T15:42:00Z";
const before = (seconds: number) => Date.parse(at) - seconds * 1000;

test.each([
  [0.5, "in 1 second"],
  [42, "in 42 seconds"],
  [61, "in 2 minutes"],
  [59 * 60, "in 59 minutes"],
  [3600, "in 1 hour"],
  [2 * 3600 + 14 * 60, "in 2 hours 14 minutes"],
  [86_400, "in 1 day"],
  [3 * 86_400 + 3600, "in 3 days 1 hour"],
  [-1, "now"],
])("%s seconds before, it is %s", (seconds, words) => {
  expect(timeUntil(at, before(seconds))).toBe(words);
});

test("a moment is told as a date of the shop's own clock", () => {
  expect(dateOf(at, { shop: "Asia/Kolkata" })).toBe("Thursday 26 November at 21:12 IST");
  expect(dateOf(at, { shop: "America/New_York" })).toBe("Thursday 26 November at 10:42 EST");
  expect(dateOf(at, { shop: "Europe/Paris" })).toBe("Thursday 26 November at 16:42 CET");
});

test("an opening names the shop's zone first, and the reader's own time where that is another one", () => {
  expect(momentOf(at, { shop: "Asia/Kolkata", own: null })).toBe("Thursday 26 November at 21:12 IST");
  expect(momentOf(at, { shop: "Asia/Kolkata", own: "America/Los_Angeles" })).toBe(
    "Thursday 26 November at 21:12 IST (07:42 your time)",
  );
  expect(momentOf(at, { shop: "Asia/Kolkata", own: "Pacific/Auckland" })).toBe(
    "Thursday 26 November at 21:12 IST (Friday 27 November at 04:42 your time)",
  );
});

test("a stretch of time is told in its largest whole unit", () => {
  expect([300, 172_800, 90, 3600].map(durationText)).toEqual(["5 minutes", "48 hours", "90 seconds", "1 hour"]);
});

test("a launch is before, open and over, and one without an end stays open", () => {
  const launch = { opens_at: at, closes_at: "2026-11-26T16:42:00Z" };
  expect(dropPhase(launch, before(1))).toBe("before");
  expect(dropPhase(launch, before(0))).toBe("open");
  expect(dropPhase(launch, before(-3600))).toBe("over");
  expect(dropPhase({ ...launch, closes_at: null }, before(-1e6))).toBe("open");
});
