import { expect, test } from "vitest";
import { change } from "./range";

test.each([
  [120, 100, "+20.0%"],
  [80, 100, "−20.0%"],
  [100, 100, "+0.0%"],
  [100, 0, null],
])("%d against %d is %s", (value, previous, said) => {
  expect(change(value, previous)).toBe(said);
});
