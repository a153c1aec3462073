import { expect, test } from "vitest";
import { parseMajor } from "./major";
import { parseDecimal, parsePercent, parseWhole, wrongWhole } from "./number";

test("a whole number is digits, and nothing that merely means one", () => {
  expect(["0", " 12 ", "007", "999999999"].map((text) => parseWhole(text))).toEqual([0, 12, 7, 999_999_999]);
  for (const text of ["", " ", "1e3", "0x10", "2.0", "1,000", "-5", "+5", "٣", "1 2", "Infinity", "1234567890"]) {
    expect(parseWhole(text), text).toBeNull();
  }
});

test("a sign is read where one is asked for, as a hyphen or a minus", () => {
  expect(["-5", "−5", "+5", "5"].map((text) => parseWhole(text, { signed: true }))).toEqual([-5, -5, 5, 5]);
  expect(["--5", "5-", "-", "-1e2"].map((text) => parseWhole(text, { signed: true }))).toEqual([
    null,
    null,
    null,
    null,
  ]);
});

test("a number with decimals is read as it is written", () => {
  expect(["12", "-1.5", "−0.25"].map(parseDecimal)).toEqual([12, -1.5, -0.25]);
  expect(["1e3", ".5", "5.", "0x1", "", "1,5"].map(parseDecimal)).toEqual([null, null, null, null, null, null]);
});

test("a percentage is read in hundredths", () => {
  expect(["12.5", "20 %", "0.05", "100"].map(parsePercent)).toEqual([1250, 2000, 5, 10_000]);
  expect(["", "1.234", "-5", "x", "1e1"].map(parsePercent)).toEqual([null, null, null, null, null]);
});

test("a number out of its bounds is told the bounds", () => {
  expect(wrongWhole(5, { from: 1, to: 30 })).toBeUndefined();
  expect([31, 0, null].map((number) => wrongWhole(number, { from: 1, to: 30 }))).toEqual([
    "Enter a whole number from 1 to 30.",
    "Enter a whole number from 1 to 30.",
    "Enter a whole number from 1 to 30.",
  ]);
});

test("an amount may have its groups of digits, where they belong", () => {
  const amount = (text: string) => parseMajor(text, "INR")?.amount ?? null;
  expect(["1000.5", "1,000.50", "1,00,000", "12,34,567.89", "14500"].map(amount)).toEqual([
    100_050, 100_050, 10_000_000, 123_456_789, 1_450_000,
  ]);
  for (const text of ["1,00,0.5", "1,0", ",100", "1,,000", "1e3", "10,00", "1.000,50", "-5"])
    expect(amount(text), text).toBeNull();
});
