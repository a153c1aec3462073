import AxeBuilder from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";

/** Shows that the page, as it is now, breaks no rule of WCAG 2.2 AA that a machine can check. */
export async function expectNoViolations(page: Page): Promise<void> {
  // A page that is still loading is dimmed on purpose.
  await expect(page.locator("#main[aria-busy=true]")).toHaveCount(0);
  const { violations } = await new AxeBuilder({ page })
    .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"])
    .analyze();
  expect(violations.map(({ id, nodes }) => [id, nodes.map(({ target }) => target)])).toEqual([]);
}
