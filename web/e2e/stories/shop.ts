import { randomBytes } from "node:crypto";
import { test as base, expect, type FrameLocator, type Page } from "@playwright/test";

type Given = {
  silence: undefined;
  /** What the browser may say because the story provokes it: a status refused, a request cut. */
  provoked: RegExp[];
};

/** Every story ends by showing that the console said nothing and no request was lost, but for what it provoked itself. */
export const test = base.extend<Given>({
  provoked: [[], { option: true }],
  silence: [
    async ({ page, javaScriptEnabled, provoked }, use) => {
      const heard: string[] = [];
      const hear = (text: string) => {
        if (!provoked.some((expected) => expected.test(text))) heard.push(text);
      };
      page.on("console", (message) => {
        if (["error", "warning"].includes(message.type())) hear(`${message.type()}: ${message.text()}`);
      });
      page.on("pageerror", (error) => hear(`page: ${error.message}`));
      page.on("requestfailed", (request) => {
        // Leaving a page gives up what it still had on the way.
        const why = request.failure()?.errorText;
        // "csp" is how the browser calls a script it was told not to run.
        if (why !== "net::ERR_ABORTED" && (javaScriptEnabled || why !== "csp")) {
          hear(`lost: ${request.method()} ${request.url()} ${why}`);
        }
      });
      await use(undefined);
      expect(heard).toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };

export const GOOD_CARD = "4100280000001007";
export const POOR_CARD = "4100280000080001";

/** An address of e-mail nobody has used yet. */
export function newEmail(): string {
  return `story-${randomBytes(6).toString("hex")}@example.in`;
}

/** Waits for the page to be alive: before, a press is a plain form's. */
export async function waitForHydration(page: Page): Promise<void> {
  await expect(page.getByRole("link", { name: /^Bag, \d+ piece/ })).toBeVisible();
}

/** Finds Encre in the list, puts one in the bag and goes to the checkout. */
export async function addEncre(page: Page, size = "50 ml"): Promise<void> {
  await page.goto("/perfumes");
  await waitForHydration(page);
  await page.getByRole("main").getByRole("link", { name: /Encre/ }).first().click();
  await expect(page.getByRole("heading", { level: 1, name: "Encre" })).toBeVisible();
  await page.getByRole("radio", { name: new RegExp(size) }).check();
  await putInBag(page, `Encre ${size}`);
  await page
    .getByRole("dialog")
    .getByRole("link", { name: /^Checkout/ })
    .click();
  await expect(page).toHaveURL(/\/checkout$/);
}

export const PASSWORD = "A long night in June, 1912";

/** Makes an account with PASSWORD, and stays signed in to it. */
export async function register(page: Page, email: string): Promise<void> {
  await page.goto("/register");
  await waitForHydration(page);
  await page.getByLabel("Name").fill("Ananya Rao");
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Continue" }).click();
  await expect(page).toHaveURL(/\/account$/);
}

/** Presses Add to bag on a product's page; the sheet opens with the piece's name. */
export async function putInBag(page: Page, piece: string): Promise<void> {
  await page
    .getByRole("main")
    .getByRole("button", { name: /^Add to bag/ })
    .first()
    .click();
  await expect(page.getByRole("dialog").getByRole("heading", { name: `Added: ${piece}` })).toBeFocused();
}

export async function fillCheckout(page: Page, email: string): Promise<void> {
  await expect(page.getByRole("button", { name: /^Pay securely/ })).toBeEnabled();
  const mail = page.getByLabel("E-mail");
  if (await mail.isVisible()) await mail.fill(email);
  await page.getByLabel("Full name").fill("Ananya Rao");
  await page.getByLabel(/^Mobile/).fill("+91 98860 12345");
  await page.getByLabel("PIN code").fill("560001");
  await page.getByLabel("City").fill("Bengaluru");
  await expect(page.getByLabel("State")).toHaveValue("KA");
  await page.getByLabel("Flat, building, street").fill("14 Lavelle Road");
  await expect(page.getByRole("group", { name: "Delivery method" }).getByRole("radio").first()).toBeVisible();
}

/** Presses Pay securely and gives the payment window that opens. */
export async function toWindow(page: Page): Promise<FrameLocator> {
  await page.getByRole("button", { name: /^Pay securely/ }).click();
  await expect(page).toHaveURL(/\/checkout\/pay\/NE-[0-9A-Z]+$/);
  return paymentWindow(page);
}

export async function paymentWindow(page: Page): Promise<FrameLocator> {
  const frame = page.frameLocator('iframe[title="Payment window"]');
  await expect(frame.getByRole("dialog")).toBeVisible();
  return frame;
}

export async function payByCard(frame: FrameLocator, number: string): Promise<void> {
  const tab = frame.getByRole("tab", { name: "Card" });
  await tab.click();
  await frame.getByLabel("Card number").fill(number);
  await frame.getByLabel("Expiry").fill("12 / 39");
  await frame.getByLabel("CVV").fill("123");
  await frame.locator("#panel-card button.pay").click();
}

/** Buys one Encre and answers with the order's number. */
export async function buy(page: Page, email: string): Promise<string> {
  await addEncre(page);
  await fillCheckout(page, email);
  const frame = await toWindow(page);
  await payByCard(frame, GOOD_CARD);
  await frame.getByRole("button", { name: "Success" }).click();
  return paidOrder(page);
}

export async function paidOrder(page: Page): Promise<string> {
  await expect(page.getByRole("heading", { level: 1, name: "Thank you. It is yours." })).toBeVisible();
  await expect(page).toHaveURL(/\/orders\/NE-[0-9A-Z]+$/);
  return page.url().split("/").at(-1) ?? "";
}
