import { Problem } from "@noirel/shared/api/problem";
import { expect, test } from "vitest";
import { errorMessage, fieldErrors } from "./error-message";

const refused = (field: string, message: string) =>
  new Problem(400, { title: "Invalid", errors: [{ field, code: "blank", message }] });

test.each([
  ["reason", "This field may not be blank.", "Reason is missing."],
  ["lines.0.tracking_number", "This field is required.", "Tracking number is missing."],
  ["amount", "A sum in INR, above 0.", "A sum in INR, above 0."],
  ["name", "Ensure this field has no more than 120 characters.", "At most 120 characters."],
  ["counted", "Ensure this value is less than or equal to 1000000.", "Enter 10,00,000 or less."],
  ["delta", "Ensure this value is greater than or equal to -1000000.", "Enter −10,00,000 or more."],
  ["lines", "Ensure this field has at least 1 elements.", "Choose at least one."],
  ["tracking_url", "Enter a valid URL.", "Enter a full address, starting with https://."],
  ["published_at", "An instant like 2026-03-01T09:00:00Z is required.", "Enter a date that exists."],
  [
    "slug",
    "This value does not match the required pattern.",
    "Enter one part of an address: letters, digits and hyphens.",
  ],
  ["currency", "This value does not match the required pattern.", "Currency has characters that aren’t allowed."],
  ["mode", '"x" is not a valid choice.', "Choose one of the values on offer."],
  ["bytes", "Ensure this value is greater than or equal to 1.", "The file is empty."],
])("a refusal of %s that says %j reads %j", (field, message, words) => {
  expect(errorMessage(refused(field, message))).toBe(words);
});

test("no sentence of the serializer library reaches the screen", () => {
  const library = /\b(?:this|valid|ensure|field|elements?|pattern|submitted|boolean|string|format)\b/i;
  for (const message of [
    "This field may not be null.",
    "This list may not be empty.",
    "Must be a valid boolean.",
    "Not a valid string.",
    "A valid integer is required.",
    "A valid number is required.",
    "Date has wrong format. Use one of these formats instead: YYYY-MM-DD.",
    "Datetime value out of range.",
    "Ensure this field has at least 2 characters.",
    "Ensure this field has no more than 20 elements.",
    'Expected a list of items but got type "str".',
    "The submitted file is empty.",
    "No file was submitted.",
    "Null characters are not allowed.",
  ]) {
    expect(errorMessage(refused("reason", message))).not.toMatch(library);
  }
});

test("every field that a refusal names has its sentence, under the form's name of it", () => {
  const problem = new Problem(400, {
    title: "Invalid",
    errors: [
      { field: "variants.0", code: "unknown", message: "There is no SKU A." },
      { field: "variants.1", code: "unknown", message: "There is no SKU B." },
      { field: "name", code: "blank", message: "This field may not be blank." },
    ],
  });
  expect(fieldErrors(problem, (name) => name.split(".")[0] ?? name)).toEqual({
    variants: "There is no SKU A. There is no SKU B.",
    name: "Name is missing.",
  });
});

test("an address that is taken is said at the address", () => {
  const taken = new Problem(409, { title: "Taken", detail: "Something else has this address.", code: "slug_taken" });
  expect(fieldErrors(taken)).toEqual({ slug: "Something else has this address." });
});

test("who was signed out is told so, and not about tokens", () => {
  const ended = new Problem(401, { detail: "The access token is not valid, or has run out.", code: "token_invalid" });
  expect(errorMessage(ended)).toMatch(/^You’ve been signed out\./);
});
