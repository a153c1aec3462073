import { expect, test } from "vitest";
import { addDays, dayAt, instantOf, longZoneName, wallClock, zoneName } from "./time-zone";

const ZONES = ["Asia/Kolkata", "America/Los_Angeles", "Asia/Tokyo", "UTC", "Europe/Paris", "Australia/Lord_Howe"];

test.each([
  ["2026-11-22T18:29:59Z", "2026-11-22"],
  ["2026-11-22T18:30:00Z", "2026-11-23"],
])("at %s it is %s in India", (at, day) => {
  expect(dayAt(at, "Asia/Kolkata")).toBe(day);
});

test.each(ZONES)(
  "every instant of two years comes back from its wall-clock time in %s, or from its repetition",
  (zone) => {
    for (let at = Date.UTC(2026, 0, 1); at < Date.UTC(2028, 0, 1); at += 113 * 60_000) {
      const wall = wallClock(at, zone);
      const back = instantOf(wall, zone) as string;
      expect(wallClock(back, zone)).toBe(wall);
      // A time that occurs twice is the earlier of the two.
      expect([0, 30 * 60_000, 60 * 60_000]).toContain(at - Date.parse(back));
    }
  },
);

test("a time that the clocks skip is moved on by the gap, one that they repeat is the first", () => {
  const zone = "America/Los_Angeles";
  expect(instantOf("2026-03-08T02:30", zone)).toBe("2026-03-08T10:30:00.000Z"); // 03:30 PDT
  expect(instantOf("2026-11-01T01:30", zone)).toBe("2026-11-01T08:30:00.000Z"); // PDT, not PST
});

test.each(["", "2026-11-26", "2026-13-01T00:00", "2026-02-30T10:00", "tomorrow"])(
  "%j is no wall-clock time",
  (text) => {
    expect(instantOf(text, "Asia/Kolkata")).toBeNull();
  },
);

test("a day has a next one over months, years and changes of the clocks", () => {
  expect([addDays("2026-12-31", 1), addDays("2028-03-01", -1), addDays("2026-03-08", 1)]).toEqual([
    "2027-01-01",
    "2028-02-29",
    "2026-03-09",
  ]);
});

test("a zone has its name in English", () => {
  const winter = "2026-11-23T12:00:00Z";
  expect(["Asia/Kolkata", "America/Los_Angeles", "Europe/Paris", "UTC"].map((zone) => zoneName(zone, winter))).toEqual([
    "IST",
    "PST",
    "CET",
    "UTC",
  ]);
  expect(zoneName("Asia/Tokyo", winter)).toBe("GMT+9");
  expect(longZoneName("Asia/Kolkata", winter)).toBe("India Standard Time");
});
