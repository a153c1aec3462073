import { addEncre, expect, fillCheckout, newEmail, test } from "./shop";

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
  await fillCheckout(page, newEmail());
  await page.getByLabel("PIN code").fill("999999");
  await expect(page.locator("#postcode-error")).toHaveText("We don't know this PIN code. Check the digits.");
  await expect(page.getByRole("group", { name: "Delivery method" })).toBeHidden();
});

test("an unknown PIN stays an error when Pay is pressed, and never becomes a place without delivery", async ({
  page,
}) => {
  const unknown = "We don't know this PIN code. Check the digits.";
  await addEncre(page);
  await expect(page.getByRole("button", { name: /^Pay securely/ })).toBeEnabled();
  await page.getByLabel("PIN code").fill("999999");
  await expect(page.locator("#postcode-error")).toHaveText(unknown);
  const pay = page.getByRole("button", { name: /^Pay securely/ });
  const summary = page.getByRole("alert");

  // With other fields still empty, the summary lists all that is wrong.
  await pay.click();
  await expect(summary.getByRole("link", { name: "Enter the city." })).toBeVisible();
  await expect(summary.getByRole("link", { name: unknown })).toBeVisible();
  await expect(page.locator("#postcode-error")).toHaveText(unknown);

  // And with all of them filled in, the PIN alone.
  await fillCheckout(page, newEmail());
  await page.getByLabel("PIN code").fill("999999");
  await expect(page.locator("#postcode-error")).toHaveText(unknown);
  await pay.click();
  await expect(summary.getByRole("link")).toHaveText([unknown]);
  await expect(page.getByText("We do not deliver")).toHaveCount(0);
  await page.getByLabel("PIN code").fill("560001");
  await expect(summary).toBeHidden();
});

test.describe("without a connection", () => {
  test.use({ provoked: [/ERR_FAILED/] });

  test("the checkout says that the shop wasn't reached, and not that it doesn't deliver", async ({ page }) => {
    await addEncre(page);
    await fillCheckout(page, newEmail());
    await page.route("**/api/v1/carts/**", (route) => route.abort());
    await page.getByLabel("PIN code").fill("400001");
    await expect(page.getByRole("region", { name: "Method" })).toContainText("The shop could not be reached.");
    await page.getByRole("button", { name: /^Pay securely/ }).click();
    await expect(page.getByRole("alert")).toContainText("The shop could not be reached. Nothing was changed.");
    await expect(page.getByText("We do not deliver")).toHaveCount(0);

    await page.unroute("**/api/v1/carts/**");
    await page.getByRole("button", { name: /^Pay securely/ }).click();
    await expect(page).toHaveURL(/\/checkout\/pay\/NE-/);
  });
});

test("a phone number that can't be called is told beside its field, and a corrected error leaves the summary", async ({
  page,
}) => {
  await addEncre(page);
  await fillCheckout(page, newEmail());
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
