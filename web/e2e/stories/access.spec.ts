import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { addEncre, awake, expect, fillCheckout, someone, test } from "./shop";

async function nothingAgainst(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page })
    .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"])
    .analyze();
  expect(violations.map(({ id, nodes }) => [id, nodes.map(({ target }) => target)])).toEqual([]);
}

for (const theme of ["light", "dark"] as const) {
  for (const path of ["/", "/perfumes", "/p/encre", "/bag", "/login"]) {
    test(`${path} has nothing against it in ${theme}`, async ({ page }) => {
      await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
      await page.goto(path);
      await nothingAgainst(page);
    });
  }

  test(`the open bag and the checkout have nothing against them in ${theme}, on a phone`, async ({ page }) => {
    await page.setViewportSize({ width: 390, height: 844 });
    await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
    await addEncre(page);
    await fillCheckout(page, someone());
    await nothingAgainst(page);
    await page.goto("/perfumes");
    await awake(page);
    await page.getByRole("link", { name: "Bag, 1 piece" }).click();
    await expect(page.getByRole("dialog", { name: "Your bag" })).toBeVisible();
    await nothingAgainst(page);
  });
}
