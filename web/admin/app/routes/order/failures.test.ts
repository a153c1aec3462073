import { expect, test } from "vitest";
import { failureOf } from "./failures";

const FOR_BUYERS = "Your payment was declined. Try another card.";

test.each([
  ["card_declined", "BAD_REQUEST_ERROR", "Card declined by the bank."],
  ["issuer_went_fishing", "BAD_REQUEST_ERROR", "Issuer went fishing."],
  ["", "BAD_REQUEST_ERROR", "Bad request error."],
  ["", "", "Failed without a reason."],
])("staff read why %j %j failed, and not what the gateway tells the buyer", (error_reason, error_code, words) => {
  expect(failureOf({ error_reason, error_code, error_description: FOR_BUYERS })).toBe(words);
});

test("an attempt that did not fail has no failure", () => {
  expect(failureOf({ error_reason: "", error_code: "", error_description: "" })).toBe("");
});
