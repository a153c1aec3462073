import { expect, test } from "vitest";

const sources: Record<string, string> = import.meta.glob(["../**/*.{ts,tsx}", "!../**/*.test.*"], {
  query: "?raw",
  import: "default",
  eager: true,
});

/** What reads or writes a date by the computer's own clock and zone. */
const BY_COMPUTER =
  /Intl\.DateTimeFormat|toLocale(Date|Time)String|\.get(Hours|Minutes|Date|Day|Month|FullYear|TimezoneOffset)\(|type="datetime-local"/;

test("only ui/time.ts writes dates, and only DateTimeField asks for a time: both know the shop's zone", () => {
  expect(Object.keys(sources).length).toBeGreaterThan(100);
  const found = Object.keys(sources).filter((path) => BY_COMPUTER.test(sources[path] as string));
  expect(found.sort()).toEqual(["./DateTimeField.tsx", "./time.ts"]);
});
