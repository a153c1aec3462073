import { buy, expect, newEmail, register, test } from "./shop";
import { NEEDS_PASSWORD, openAdmin, password } from "./staff";

test("a signed-in shopper sees the order in the account", async ({ page }) => {
  const email = newEmail();
  await register(page, email);
  const number = await buy(page, email);
  await page.goto("/account");
  await page.getByRole("link", { name: number }).click();
  await expect(page.getByRole("heading", { name: "Thank you. It is yours." })).toBeVisible();
});

test("staff packs a paid order, adds its tracking later and marks it delivered", async ({ page }) => {
  test.skip(!password, NEEDS_PASSWORD);
  const number = await buy(page, newEmail());
  await openAdmin(page);
  await page
    .getByRole("link", { name: /^Orders/ })
    .first()
    .click();
  await page.getByRole("link", { name: number }).click();
  await page.getByRole("button", { name: "Fulfil", exact: true }).click();
  await page.getByRole("button", { name: "Pack 1 unit" }).click();
  await expect(page.getByText("Packed, not shipped")).toBeVisible();

  // Nothing is lost from sight: the order waits in the list of what is to be shipped.
  await page.getByRole("link", { name: "Orders" }).first().click();
  await page.getByRole("link", { name: "To ship" }).click();
  await page.getByRole("link", { name: number }).click();
  await page.getByRole("button", { name: "Ship", exact: true }).click();
  await page.getByLabel("Carrier").fill("Blue Dart");
  await page.getByLabel("Tracking number").fill("BD 7741");
  await page.getByRole("dialog").getByRole("button", { name: "Ship parcel" }).click();
  await expect(page.getByText("On its way", { exact: true })).toBeVisible();
  await expect(page.getByText("BD 7741", { exact: true })).toBeVisible();
  await page.getByRole("button", { name: "Mark delivered", exact: true }).click();
  await expect(page.getByText("Delivered", { exact: true }).first()).toBeVisible();
  await expect(page.getByRole("button", { name: "Mark delivered", exact: true })).toBeHidden();
});
