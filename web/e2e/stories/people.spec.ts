import { awake, buy, expect, someone, test } from "./shop";
import { NEEDS_PASSWORD, openAdmin, password } from "./staff";

test("a signed-in shopper sees the order in the account", async ({ page }) => {
  const email = someone();
  await page.goto("/register");
  await awake(page);
  await page.getByLabel("Name").fill("Ananya Rao");
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password", { exact: true }).fill("A long night in June, 1912");
  await page.getByRole("button", { name: "Continue" }).click();
  await expect(page).toHaveURL(/\/account$/);
  const number = await buy(page, email);
  await page.goto("/account");
  await page.getByRole("link", { name: number }).click();
  await expect(page.getByRole("heading", { name: "Thank you. It is yours." })).toBeVisible();
});

test("staff finds a paid order in the admin and fulfils it", async ({ page }) => {
  test.skip(!password, NEEDS_PASSWORD);
  const number = await buy(page, someone());
  await openAdmin(page);
  await page
    .getByRole("link", { name: /^Orders/ })
    .first()
    .click();
  await page.getByRole("link", { name: number }).click();
  await page.getByRole("button", { name: "Fulfil", exact: true }).click();
  await page.getByRole("button", { name: "Fulfil order" }).click();
  await expect(page.getByText("Fulfilled").first()).toBeVisible();
});
