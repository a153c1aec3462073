import { addEncre, expect, newEmail, register, test } from "./shop";

test.beforeEach(async ({ page }) => {
  await register(page, newEmail());
  await addEncre(page, "10 ml");
});

test("a member's bag is never shown as empty while it is read", async ({ page }) => {
  let answer = () => {};
  const held = new Promise<void>((resolve) => {
    answer = resolve;
  });
  await page.route("**/api/v1/auth/refresh", async (route) => {
    await held;
    await route.continue();
  });
  await page.goto("/bag");
  await expect(page.getByText("Your bag is being read.")).toBeAttached();
  await expect(page.getByText("Nothing yet.")).toBeHidden();
  answer();
  await expect(page.getByRole("main").getByRole("heading", { name: "Encre" })).toBeVisible();
  await expect(page.getByText("Your bag is being read.")).toHaveCount(0);
});

test("who leaves before signing out is answered is signed out, and nothing is asked for in vain", async ({ page }) => {
  await page.goto("/account");
  let left = () => {};
  const leaving = new Promise<void>((resolve) => {
    left = resolve;
  });
  await page.route("**/api/v1/auth/logout", async (route) => {
    const answer = await route.fetch();
    left();
    // The answer comes after the page has gone.
    await new Promise((wake) => setTimeout(wake, 1500));
    await route.fulfill({ response: answer }).catch(() => undefined);
  });
  await page.getByRole("button", { name: "Sign out" }).click();
  await leaving;
  await page.goto("/");
  // The console stays silent (shop.ts): no 404 for the account's bag, no 401.
  await expect(page.getByRole("link", { name: "Bag, 0 pieces" })).toBeVisible();
});

test.describe("without an answer", () => {
  test.use({ provoked: [/net::ERR_FAILED/] });

  test("a sign-out that didn't reach the shop says so, and the page stays signed in", async ({ page }) => {
    await page.goto("/account");
    await page.route("**/api/v1/auth/logout", (route) => route.abort());
    await page.getByRole("button", { name: "Sign out" }).click();
    await expect(page.getByRole("alert")).toHaveText(
      "You are still signed in: the shop could not be reached. Try again.",
    );
    await page.unroute("**/api/v1/auth/logout");
    await page.getByRole("button", { name: "Sign out" }).click();
    await expect(page).toHaveURL(/\/$/);
    await expect(page.getByRole("link", { name: "Bag, 0 pieces" })).toBeVisible();
  });
});
