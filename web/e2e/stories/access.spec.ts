import { expectNoViolations } from "./axe";
import { addEncre, expect, fillCheckout, newEmail, test, waitForHydration } from "./shop";

for (const theme of ["light", "dark"] as const) {
  for (const path of ["/", "/perfumes", "/p/encre", "/bag", "/login"]) {
    test(`${path} has nothing against it in ${theme}`, async ({ page }) => {
      await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
      await page.goto(path);
      await expectNoViolations(page);
      // Text twice as large, on a phone: nothing is pushed out of sight.
      await page.setViewportSize({ width: 390, height: 844 });
      await page.evaluate(() => {
        document.documentElement.style.fontSize = "200%";
      });
      await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    });
  }

  test(`the open bag and the checkout have nothing against them in ${theme}, on a phone`, async ({ page }) => {
    await page.setViewportSize({ width: 390, height: 844 });
    await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
    await addEncre(page);
    await fillCheckout(page, newEmail());
    await expectNoViolations(page);
    await page.goto("/perfumes");
    await waitForHydration(page);
    await page.getByRole("link", { name: "Bag, 1 piece" }).click();
    await expect(page.getByRole("dialog", { name: "Your bag" })).toBeVisible();
    await expectNoViolations(page);
  });
}
