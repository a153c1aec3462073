import { beforeEach, expect, test } from "vitest";
import { forgetUnpaid, rememberUnpaid, unpaidNumbers } from "./unpaid-numbers";

beforeEach(() => localStorage.clear());

test("the newest order comes first, once, and only the last five are stored", () => {
  for (const number of ["1", "2", "3", "1", "4", "5", "6"]) rememberUnpaid(number);
  expect(unpaidNumbers()).toEqual(["6", "5", "4", "1", "3"]);
});

test("nothing is left of an order that is forgotten", () => {
  rememberUnpaid("1");
  forgetUnpaid("2");
  expect(unpaidNumbers()).toEqual(["1"]);
  forgetUnpaid("1");
  expect(localStorage.length).toBe(0);
});

test.each(["", "{", "null", "7", '{"a":1}', '[1,null,"NE-1"]'])("what is stored as %j breaks nothing", (stored) => {
  localStorage.setItem("noirel.unpaid", stored);
  expect(unpaidNumbers()).toEqual(stored.includes("NE-1") ? ["NE-1"] : []);
});
