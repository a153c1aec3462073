import type { Availability } from "@noirel/shared/api/types";
import { expect, test } from "vitest";
import { aheadNow, aheadWords } from "./ahead";

const NOW = Date.parse("2026-11-23T17:00:00Z");
const gone: Availability = { in_stock: true, quantity: 0, policy: "preorder", expected_on: "2026-12-04" };

test("what is sold ahead says when it leaves, and how many of the line", () => {
  const day = { policy: "preorder", units: 1, expected_on: "2026-12-04" } as const;
  expect(aheadWords(day, 1, NOW)).toBe("Pre-order, leaves on Friday 4 December");
  expect(aheadWords({ ...day, units: 2 }, 3, NOW)).toBe("2 of 3 pre-order, leave on Friday 4 December");
  expect(aheadWords({ ...day, policy: "backorder", expected_on: null }, 1, NOW)).toBe(
    "Made to order, leaves as soon as it is here",
  );
  expect(aheadWords({ ...day, expected_on: "2027-01-15" }, 1, NOW)).toBe("Pre-order, leaves on Friday 15 January 2027");
});

test("only what is not on the shelf is sold ahead, and a day that is over is no promise", () => {
  expect(aheadNow(gone, NOW)).toEqual({ policy: "preorder", units: 1, expected_on: "2026-12-04" });
  expect(aheadNow({ ...gone, quantity: 2 }, NOW)).toBeNull();
  expect(aheadNow({ ...gone, policy: "deny", in_stock: false }, NOW)).toBeNull();
  expect(aheadNow({ ...gone, quantity: null }, NOW)).toBeNull();
  expect(aheadNow({ ...gone, expected_on: "2026-11-22" }, NOW)?.expected_on).toBeNull();
});
