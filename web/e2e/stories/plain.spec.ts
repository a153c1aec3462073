import { expect, test } from "./shop";

test.use({ javaScriptEnabled: false });

test("without JavaScript a flacon goes into the bag, and out of it", async ({ page }) => {
  await page.goto("/p/encre");
  await page
    .getByRole("main")
    .getByRole("button", { name: /^Add to bag/ })
    .first()
    .click();
  await expect(page).toHaveURL(/\/bag$/);
  await expect(page.getByRole("heading", { name: "Encre" })).toBeVisible();
  await page.getByRole("button", { name: /^Remove Encre/ }).click();
  await expect(page.getByText("Nothing yet. The night is long.")).toBeVisible();
});
