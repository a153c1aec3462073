import { expect, test } from "vitest";
import { drawnWords } from "./drawn";

test.each([
  [0, 1, "Nobody entered."],
  [1, 2, "One person entered, and may buy."],
  [2, 2, "All 2 who entered may buy."],
  [3, 1, "3 entered, and the first drawn may buy."],
  [120, 40, "120 entered, and the first 40 drawn may buy."],
])("%i entries for %i flacons: %s", (entered, winners, words) => {
  expect(drawnWords(entered, winners)).toBe(words);
});
