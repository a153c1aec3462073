import { expect, test } from "vitest";
import { decimal, formatMoney } from "./money";

test("whole rupees are written without decimals, in lakhs", () => {
  expect(formatMoney({ amount: 1450000, currency: "INR" })).toBe("₹14,500");
  expect(formatMoney({ amount: 12345600, currency: "INR" })).toBe("₹1,23,456");
});

test("paise show when there are any", () => {
  expect(formatMoney({ amount: 1450050, currency: "INR" })).toBe("₹14,500.50");
});

test("the currency's own exponent is used: none for yen, three for dinars", () => {
  expect(formatMoney({ amount: 1450, currency: "JPY" })).toMatch(/1,450$/);
  expect(formatMoney({ amount: 1450500, currency: "KWD" })).toMatch(/1,450\.500$/);
});

test("a decimal is made without a float", () => {
  expect(decimal({ amount: 9007199254740991, currency: "INR" })).toBe("90071992547409.91");
  expect(decimal({ amount: 5, currency: "KWD" })).toBe("0.005");
  expect(decimal({ amount: -5, currency: "INR" })).toBe("-0.05");
  expect(decimal({ amount: 1450, currency: "JPY" })).toBe("1450");
});

test("less than nothing has a minus sign, not a hyphen", () => {
  expect(formatMoney({ amount: -10502, currency: "INR" })).toBe("−₹105.02");
  expect(formatMoney({ amount: -1450000, currency: "INR" })).toBe("−₹14,500");
});
