import { Problem } from "@noirel/shared/api/problem";
import { expect, test } from "vitest";
import { said } from "./said";

const refused = (field: string, message: string) =>
  new Problem(400, { title: "Invalid", errors: [{ field, code: "blank", message }] });

test.each([
  ["reason", "This field may not be blank.", "Reason is missing."],
  ["lines.0.tracking_number", "This field is required.", "Tracking number is missing."],
  ["amount", "A sum in INR, above 0.", "A sum in INR, above 0."],
])("a refusal of %s that says %j reads %j", (field, message, words) => {
  expect(said(refused(field, message))).toBe(words);
});
