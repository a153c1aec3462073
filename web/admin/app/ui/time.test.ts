import { expect, test } from "vitest";
import { ago, toLocal } from "./time";

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
