import { expect, test } from "vitest";
import { change, greeting, lastDays } from "./range";

test("seven days end today and begin six days before", () => {
  expect(lastDays(7, new Date("2026-11-03T10:00:00Z"))).toEqual({ from: "2026-10-28", to: "2026-11-03" });
});

test.each([
  [120, 100, "+20.0%"],
  [80, 100, "−20.0%"],
  [100, 100, "+0.0%"],
  [100, 0, null],
])("%d against %d is %s", (value, previous, said) => {
  expect(change(value, previous)).toBe(said);
});

test("the house greets by the hour", () => {
  expect([2, 9, 14, 21].map(greeting)).toEqual(["Good night", "Good morning", "Good afternoon", "Good evening"]);
});
