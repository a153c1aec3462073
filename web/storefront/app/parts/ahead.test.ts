import type { Availability } from "@noirel/shared/api/types";
import { expect, test } from "vitest";
import { aheadNow, aheadWords } from "./ahead";

const ZONE = "Asia/Kolkata";
const NOW = Date.parse("2026-11-23T17:00:00Z");
const gone: Availability = { in_stock: true, quantity: 0, policy: "preorder", expected_on: "2026-12-04" };

test("what is sold ahead says when it leaves, and how many of the line", () => {
  const day = { policy: "preorder", units: 1, expected_on: "2026-12-04" } as const;
  expect(aheadWords(day, 1, ZONE, NOW)).toBe("Pre-order, leaves on Friday 4 December");
  expect(aheadWords({ ...day, units: 2 }, 3, ZONE, NOW)).toBe("2 of 3 pre-order, leave on Friday 4 December");
  expect(aheadWords({ ...day, policy: "backorder", expected_on: null }, 1, ZONE, NOW)).toBe(
    "Made to order, leaves as soon as it is here",
  );
  expect(aheadWords({ ...day, expected_on: "2027-01-15" }, 1, ZONE, NOW)).toBe(
    "Pre-order, leaves on Friday 15 January 2027",
  );
});

test("only what is not on the shelf is sold ahead, and a day that is over is no promise", () => {
  expect(aheadNow(gone, ZONE, NOW)).toEqual({ policy: "preorder", units: 1, expected_on: "2026-12-04" });
  expect(aheadNow({ ...gone, quantity: 2 }, ZONE, NOW)).toBeNull();
  expect(aheadNow({ ...gone, policy: "deny", in_stock: false }, ZONE, NOW)).toBeNull();
  expect(aheadNow({ ...gone, quantity: null }, ZONE, NOW)).toBeNull();
  expect(aheadNow({ ...gone, expected_on: "2026-11-22" }, ZONE, NOW)?.expected_on).toBeNull();
});

test("whether the day is over is decided by the shop's calendar", () => {
  const lateEvening = Date.parse("2026-12-04T20:00:00Z"); // the 5th in India
  expect(aheadNow(gone, "Asia/Kolkata", lateEvening)?.expected_on).toBeNull();
  expect(aheadNow(gone, "America/New_York", lateEvening)?.expected_on).toBe("2026-12-04");
});
