import { Problem } from "@noirel/shared/api/problem";
import type { Country } from "@noirel/shared/api/types";
import { beforeEach, expect, test } from "vitest";
import { attempt, attemptKey, endAttempt } from "../../payment/attempt";
import { BLANK, fieldError, formErrors, postcodeWord, STEPS, withSuggestion } from "./form";

const india: Country = {
  code: "IN",
  name: "India",
  postcode_label: "PIN code",
  postcode_pattern: "[1-9][0-9]{2}[ -]?[0-9]{3}",
  regions: [{ code: "KA", name: "Karnataka" }],
};

beforeEach(() => sessionStorage.clear());

test.each([
  ["PIN code", "PIN code"],
  ["ZIP code", "ZIP code"],
  ["Postal code", "postal code"],
  ["Postcode", "postcode"],
  ["Postleitzahl", "Postleitzahl"],
])("%s is called %s within a sentence", (postcode_label, word) => {
  expect(postcodeWord({ postcode_label })).toBe(word);
});

test("a short PIN is told how many digits it has", () => {
  expect(fieldError("postcode", { ...BLANK, postcode: "56000" }, india)).toBe("A PIN code has 6 digits.");
  expect(fieldError("postcode", { ...BLANK, postcode: "560001" }, india)).toBeNull();
});

test.each(["560001", "560 001", "560-001", "５６０００１", "\u202a560001\u202c"])("%j is a PIN", (postcode) => {
  expect(fieldError("postcode", { ...BLANK, postcode }, india)).toBeNull();
});

test.each(["000000", "56000", "x"])("%j is no PIN", (postcode) => {
  expect(fieldError("postcode", { ...BLANK, postcode }, india)).not.toBeNull();
});

test.each(["+91 98860 12345", "(+91) 98860-12345", "098860 12345", "\u202a9886012345\u202c", "０９８８６０１２３４５"])(
  "%j is a phone number",
  (phone) => {
    expect(fieldError("phone", { ...BLANK, phone }, india)).toBeNull();
  },
);

test.each(["------", "()", "+", "none", ""])("%j is no phone number", (phone) => {
  expect(fieldError("phone", { ...BLANK, phone }, india)).not.toBeNull();
});

test("a postcode's suggestion fills what is empty and what it filled before, and never what a person chose", () => {
  const gaya = { region: "BR", city: "" };
  const mumbai = { region: "MH", city: "Mumbai" };
  expect(withSuggestion(BLANK, {}, mumbai)).toMatchObject(mumbai);
  expect(withSuggestion({ ...BLANK, region: "JH", city: "Gaya" }, {}, gaya)).toMatchObject({
    region: "JH",
    city: "Gaya",
  });
  expect(withSuggestion({ ...BLANK, ...mumbai }, mumbai, gaya)).toMatchObject({ region: "BR", city: "Mumbai" });
});

test("an empty form names every field that is asked for", () => {
  expect(formErrors(BLANK, india, [...STEPS.contact, ...STEPS.delivery]).map(({ name }) => name)).toEqual([
    "email",
    "name",
    "phone",
    "postcode",
    "city",
    "region",
    "line1",
  ]);
});

test("a retry keeps its key, a change makes a new one, and so does an order that is over", () => {
  const first = attemptKey({ total: 1 });
  expect(attemptKey({ total: 1 })).toBe(first);
  const second = attemptKey({ total: 2 });
  expect(second).not.toBe(first);
  endAttempt();
  expect(attemptKey({ total: 2 })).not.toBe(second);
});

test("a refused checkout can be tried again as it is, an unanswered one is the same request", async () => {
  const failing = (status: number) =>
    attempt({ total: 1 }, (key) => Promise.reject(Object.assign(new Problem(status, {}), { key }))).catch(
      (error: Problem & { key: string }) => error.key,
    );
  const lost = await failing(0);
  expect(await failing(409)).toBe(lost);
  expect(await failing(409)).not.toBe(lost);
});
