import { expect, test } from "vitest";
import { along, curvesOf, notesOf, smooth } from "./drydown";

test("the axis gives the first minutes more room than the last hours", () => {
  expect([0, 1 / 3, 2, 4, 8, 12].map((hour) => Math.round(along(hour) * 100))).toEqual([0, 16, 36, 58, 80, 100]);
});

test("strengths in percent are read as parts of one", () => {
  expect(curvesOf({ curves: { top: [100, 50, 0] } })).toEqual([
    {
      layer: "top",
      points: [
        [0, 1],
        [6, 0.5],
        [12, 0],
      ],
    },
  ]);
});

test("what is not a drydown draws nothing", () => {
  expect(curvesOf(undefined)).toEqual([]);
  expect(curvesOf({ curves: { top: "much" } })).toEqual([]);
  expect(notesOf(["iris"])).toBeNull();
});

test("the line never leaves its points", () => {
  const heights = [
    ...smooth([
      [0, 100],
      [10, 0],
      [20, 0],
      [30, 100],
    ]).matchAll(/[\d.-]+ ([\d.-]+)/g),
  ].map(([, y]) => Number(y));
  expect(Math.min(...heights)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...heights)).toBeLessThanOrEqual(100);
});
