import { awake, buy, expect, someone, test } from "./shop";

test("a signed-in shopper sees the order in the account", async ({ page }) => {
  const email = someone();
  await page.goto("/register");
  await awake(page);
  await page.getByLabel("Name").fill("Ananya Rao");
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill("A long night in June, 1912");
  await page.getByRole("button", { name: "Continue" }).click();
  await expect(page).toHaveURL(/\/account$/);
  const number = await buy(page, email);
  await page.goto("/account");
  await page.getByRole("link", { name: number }).click();
  await expect(page.getByRole("heading", { name: "Thank you. It is yours." })).toBeVisible();
});

test("staff finds a paid order in the admin and fulfils it", async ({ page }) => {
  const password = process.env.OWNER_PASSWORD ?? process.env.DEMO_STAFF_PASSWORD;
  test.skip(!password, "Needs OWNER_PASSWORD or DEMO_STAFF_PASSWORD.");
  const number = await buy(page, someone());
  await page.goto("/admin");
  await page.getByLabel("E-mail").fill("owner@noirel.example");
  await page.getByLabel("Password", { exact: true }).fill(password ?? "");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page
    .getByRole("link", { name: /^Orders/ })
    .first()
    .click();
  await page.getByRole("link", { name: number }).click();
  await page.getByRole("button", { name: "Fulfil", exact: true }).click();
  await page.getByRole("button", { name: "Fulfil order" }).click();
  await expect(page.getByText("Fulfilled").first()).toBeVisible();
});
