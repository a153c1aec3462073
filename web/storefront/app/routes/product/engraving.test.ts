import { expect, test } from "vitest";
import { engravingError, engravingText, readEngraving } from "./engraving";

const LIMITS = { max: 12, alphabet: "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .&'-" };

test.each([
  ["a.b", "A.B", [], 9],
  ["  A & B ", "A & B", [], 7],
  ["Zoë", "ZO", ["ë"], 9],
  ["Zoe\u0308", "ZO", ["ë"], 9],
  ["A@B@C!", "ABC", ["@", "!"], 6],
  ["👩‍🚀", "", ["👩‍🚀"], 11],
  ["ABCDEFGHIJKLMNO", "ABCDEFGHIJKL", [], -3],
  ["", "", [], 12],
])("%j is cut as %j", (text, cut, refused, left) => {
  expect(readEngraving(text, LIMITS)).toEqual({ cut, refused, left });
});

test("the field keeps what can't be engraved, for correction", () => {
  expect(engravingText("a@b", LIMITS)).toBe("A@B");
});

test("the error names the characters, or how many are too many", () => {
  const error = (text: string) => engravingError(readEngraving(text, LIMITS), LIMITS);
  expect(error("A.B")).toBeNull();
  expect(error("Zoë @ home")).toBe("“ë” and “@” can’t be engraved. Use A to Z, 0 to 9, spaces and . & ' -.");
  expect(error("ABCDEFGHIJKLMNO")).toBe("There is room for 12 characters. Take out 3.");
});
