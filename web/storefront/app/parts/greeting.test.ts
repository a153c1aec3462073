import { expect, test } from "vitest";
import { greeting } from "./greeting";

test.each([
  [3, "Good evening"],
  [4, "Good morning"],
  [6, "Good morning"],
  [11, "Good morning"],
  [12, "Good afternoon"],
  [16, "Good afternoon"],
  [17, "Good evening"],
  [23, "Good evening"],
  [0, "Good evening"],
])("at %i the shop says %s", (hour, words) => {
  expect(greeting(hour)).toBe(words);
});
