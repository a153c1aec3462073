import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  ago,
  byThisComputer,
  decideBy,
  fromLocal,
  lastDays,
  left,
  onDay,
  setShopZone,
  shopZone,
  today,
  toLocal,
  when,
} from "./time";

beforeEach(() => setShopZone("Asia/Kolkata"));

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
  expect(toLocal(fromLocal("2026-11-26T21:12"))).toBe("2026-11-26T21:12");
  expect(toLocal(null)).toBe("");
  expect(fromLocal("")).toBeNull();
});

test.each([
  ["2026-11-23T11:00:00Z", "overdue", /^Overdue since 23 Nov 2026/],
  ["2026-11-24T12:00:00Z", "in 24 h", /^Decide in 24 h, by 24 Nov 2026/],
  ["2026-12-03T12:00:00Z", "in 10 days", /^Decide in 10 days, by 3 Dec 2026/],
  ["2027-05-21T12:00:00Z", "by 21 May 2027", /^Decide by 21 May 2027/],
])("what is to be decided until %s says %s", (deadline, said, sentence) => {
  expect(left(deadline, now)).toBe(said);
  expect(decideBy(deadline, now)).toMatch(sentence);
});

// Whatever the computer's own clock says, staff read and type the shop's time.
describe.each(["America/Los_Angeles", "Asia/Tokyo", "UTC", "Asia/Kolkata"])("on a computer in %s", (own) => {
  const before = process.env.TZ;
  beforeAll(() => {
    process.env.TZ = own;
  });
  afterAll(() => {
    process.env.TZ = before;
  });

  test("today begins at the shop's midnight, and ranges end with it", () => {
    expect(today(Date.parse("2026-11-22T18:29:59Z"))).toBe("2026-11-22");
    expect(today(Date.parse("2026-11-22T18:30:00Z"))).toBe("2026-11-23");
    expect(lastDays(7, Date.parse("2026-11-22T18:30:00Z"))).toEqual({ from: "2026-11-17", to: "2026-11-23" });
  });

  test("times are read with the zone's name, days as the shop's", () => {
    expect(when("2026-11-26T20:42:00Z")).toBe("27 Nov 2026, 02:12 IST");
    expect(onDay("2026-11-26T20:42:00Z", now)).toBe("27 Nov");
    expect(onDay("2026-11-26", now)).toBe("26 Nov");
    expect(shopZone()).toBe("India Standard Time (IST)");
  });

  test("what is typed is the shop's time, and what it is here is said beside it where it differs", () => {
    expect(fromLocal("2026-11-27T02:12")).toBe("2026-11-26T20:42:00.000Z");
    expect(byThisComputer("2026-11-27T02:12")).toBe(
      {
        "America/Los_Angeles": "26 Nov 2026, 12:42 PST",
        "Asia/Tokyo": "27 Nov 2026, 05:42 GMT+9",
        UTC: "26 Nov 2026, 20:42 UTC",
      }[own] ?? null,
    );
  });
});
