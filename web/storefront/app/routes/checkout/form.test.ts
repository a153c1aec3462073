import type { Country } from "@noirel/shared/api/types";
import { beforeEach, expect, test } from "vitest";
import { attemptKey, endAttempt, fingerprint } from "../../payment/attempt";
import { allWrong, BLANK, STEPS, stateOfPin, wrong } from "./form";

const india: Country = {
  code: "IN",
  name: "India",
  postcode_label: "PIN code",
  postcode_pattern: "[1-9][0-9]{5}",
  regions: [{ code: "KA", name: "Karnataka" }],
};

beforeEach(() => sessionStorage.clear());

test("a short PIN is told how many digits it has", () => {
  expect(wrong("postcode", { ...BLANK, postcode: "56000" }, india)).toBe("A PIN code has 6 digits.");
  expect(wrong("postcode", { ...BLANK, postcode: "560001" }, india)).toBeNull();
});

test("the state follows from the PIN, the longest known beginning first", () => {
  expect(stateOfPin("560001")).toBe("KA");
  expect(stateOfPin("403001")).toBe("GA");
  expect(stateOfPin("400001")).toBe("MH");
  expect(stateOfPin("9")).toBeNull();
});

test("an empty form names every field that is asked for", () => {
  expect(allWrong(BLANK, india, [...STEPS.contact, ...STEPS.delivery]).map(({ name }) => name)).toEqual([
    "email",
    "name",
    "phone",
    "postcode",
    "city",
    "region",
    "line1",
  ]);
});

test("the order of keys makes no other fingerprint", () => {
  expect(fingerprint({ a: 1, b: { c: 2, d: 3 } })).toBe(fingerprint({ b: { d: 3, c: 2 }, a: 1 }));
});

test("a retry keeps its key, a change makes a new one, and so does an order that is over", () => {
  const first = attemptKey({ total: 1 });
  expect(attemptKey({ total: 1 })).toBe(first);
  const second = attemptKey({ total: 2 });
  expect(second).not.toBe(first);
  endAttempt();
  expect(attemptKey({ total: 2 })).not.toBe(second);
});
