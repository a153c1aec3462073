import AxeBuilder from "@axe-core/playwright";
import { expect, test } from "./shop";

for (const theme of ["light", "dark"] as const) {
  for (const path of ["/", "/perfumes", "/p/encre", "/bag", "/login"]) {
    test(`${path} has nothing against it in ${theme}`, async ({ page }) => {
      await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
      await page.goto(path);
      const { violations } = await new AxeBuilder({ page })
        .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"])
        .analyze();
      expect(violations.map(({ id, nodes }) => [id, nodes.map(({ target }) => target)])).toEqual([]);
    });
  }
}
