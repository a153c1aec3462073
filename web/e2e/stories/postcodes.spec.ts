import { addEncre, expect, fillCheckout, someone, test } from "./shop";

// An unknown PIN is refused by the API.
test.use({ provoked: [/status of 40[04]/] });

test("a PIN suggests state and city, and never replaces what was chosen", async ({ page }) => {
  await addEncre(page);
  await expect(page.getByRole("button", { name: /^Pay securely/ })).toBeEnabled();
  await page.getByLabel("PIN code").fill("400 001");
  await expect(page.getByLabel("State")).toHaveValue("MH");
  await expect(page.getByLabel("City")).toHaveValue("Mumbai");
  await page.getByLabel("State").selectOption("BR");
  await page.getByLabel("City").fill("Gaya");
  const answered = page.waitForResponse((response) => response.url().includes("/postcodes/IN/834001"));
  await page.getByLabel("PIN code").fill("834001");
  await answered;
  await expect(page.getByRole("group", { name: "Delivery method" }).getByRole("radio").first()).toBeVisible();
  await expect(page.getByLabel("State")).toHaveValue("BR");
  await expect(page.getByLabel("City")).toHaveValue("Gaya");
});

test("an unknown PIN is told beside its field and promised no date", async ({ page }) => {
  await addEncre(page);
  await fillCheckout(page, someone());
  await page.getByLabel("PIN code").fill("999999");
  await expect(page.locator("#postcode-error")).toHaveText("We don't know this PIN code. Check the digits.");
  await expect(page.getByRole("group", { name: "Delivery method" })).toBeHidden();
});

test("a phone number that can't be called is told beside its field, and a corrected error leaves the summary", async ({
  page,
}) => {
  await addEncre(page);
  await fillCheckout(page, someone());
  await page.getByLabel(/^Mobile/).fill("12345678");
  await page.getByLabel("Flat, building, street").fill("");
  await page.getByRole("button", { name: /^Pay securely/ }).click();
  const summary = page.getByRole("alert");
  await expect(summary).toBeFocused();
  await page.getByLabel("Flat, building, street").fill("14 Lavelle Road");
  await expect(summary).toBeHidden();
  await page.getByRole("button", { name: /^Pay securely/ }).click();
  await expect(page.locator("#phone-error")).toContainText("This isn't a phone number in India.");
  await page.getByLabel(/^Mobile/).fill("(+91) 98860-12345");
  await expect(summary).toBeHidden();
});
