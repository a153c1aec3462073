import { expect, test } from "vitest";
import { tonight } from "./tonight";

const HOURS = ["18:40", "21:12", "02:30", "05:51"];

test.each([
  ["2026-11-23T15:42:00Z", "Asia/Kolkata", "21:12"],
  ["2026-11-23T15:42:00Z", "America/New_York", null], // 10:42 in the morning
  ["2026-11-23T15:42:00Z", "Asia/Tokyo", "02:30"], // 00:42
  ["2026-11-23T07:00:00Z", "Asia/Kolkata", null], // 12:30
])("at %s in %s the hour of the evening is %s", (at, zone, hour) => {
  expect(tonight(HOURS, Date.parse(at), zone)).toBe(hour);
});
