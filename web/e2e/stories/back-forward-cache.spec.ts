import type { Page } from "@playwright/test";
import config from "../playwright.config";
import {
  addEncre,
  expect,
  fillCheckout,
  GOOD_CARD,
  newEmail,
  paidOrder,
  payByCard,
  test,
  toWindow,
  waitForHydration,
} from "./shop";

// Playwright turns the back/forward cache off.
test.use({
  launchOptions: { ...config.use?.launchOptions, ignoreDefaultArgs: ["--disable-back-forward-cache"] },
});

/** A restored page fires no load event. */
const goBack = (page: Page) => page.goBack({ waitUntil: "commit" });

test("a page restored from the back/forward cache shows the bag as it is now", async ({ page, context }) => {
  await page.goto("/house");
  await waitForHydration(page);
  await page.evaluate(() => {
    addEventListener("pageshow", ({ persisted }) => {
      document.documentElement.dataset.persisted = String(persisted);
    });
  });
  await page.goto("/healthz");
  // Meanwhile, another tab puts a piece in the bag.
  const other = await context.newPage();
  await addEncre(other);
  await goBack(page);
  await expect(page.locator("html")).toHaveAttribute("data-persisted", "true");
  await expect(page.getByRole("link", { name: "Bag, 1 piece" })).toBeVisible();

  // And takes it to the payment.
  await page.goto("/healthz");
  await fillCheckout(other, newEmail());
  const frame = await toWindow(other);
  await payByCard(frame, GOOD_CARD);
  await frame.getByRole("button", { name: "Success" }).click();
  await paidOrder(other);
  await goBack(page);
  await expect(page.getByRole("link", { name: "Bag, 0 pieces" })).toBeVisible();
});

test("a payment page that comes back has no window, and tells what became of the order", async ({ page, context }) => {
  await addEncre(page);
  await fillCheckout(page, newEmail());
  await toWindow(page);
  const number = page.url().split("/").at(-1) ?? "";
  await page.goto("/healthz");
  await goBack(page);
  await expect(page.locator('iframe[title="Payment window"]')).toHaveCount(0);
  await expect(page.getByRole("button", { name: "Resume payment" })).toBeVisible();

  await page.goto("/healthz");
  const other = await context.newPage();
  await other.goto("/bag");
  await other.getByRole("main").getByRole("link", { name: "Resume payment" }).click();
  const frame = other.frameLocator('iframe[title="Payment window"]');
  await payByCard(frame, GOOD_CARD);
  await frame.getByRole("button", { name: "Success" }).click();
  await paidOrder(other);
  await goBack(page);
  expect(await paidOrder(page)).toBe(number);
});
