import type { Page } from "@playwright/test";
import { expectNoViolations } from "./axe";
import { bank } from "./gateway";
import { verify } from "./quick";
import {
  addEncre,
  expect,
  fillCheckout,
  GOOD_CARD,
  newEmail,
  paidOrder,
  payByCard,
  paymentWindow,
  putInBag,
  register,
  test,
  toWindow,
  waitForHydration,
} from "./shop";
import { launchOfOneMinute, NEEDS_PASSWORD, owner, password } from "./staff";

const WINDOW = 'iframe[title="Payment window"]';
const HELD = /Your flacons are held until \d\d:\d\d IST( \(.+ your time\))?\./;
const NOT_PAID = { name: "Not paid yet." } as const;

const main = (page: Page) => page.getByRole("main");

/** Places an order for one Encre and leaves its payment window open. */
async function placeEncre(page: Page, email = newEmail()): Promise<string> {
  await addEncre(page);
  await fillCheckout(page, email);
  await toWindow(page);
  return page.url().split("/").at(-1) ?? "";
}

async function payInWindow(page: Page): Promise<void> {
  const frame = await paymentWindow(page);
  await payByCard(frame, GOOD_CARD);
  await frame.getByRole("button", { name: "Success" }).click();
}

/** Pays an order as its window would, from elsewhere: the pages of this browser are told nothing. */
async function payElsewhere(page: Page, number: string): Promise<void> {
  const token = (await page.evaluate((number) => localStorage.getItem(`noirel.order.${number}`), number)) ?? "";
  const order = await page.request.get(`/api/v1/orders/${number}?token=${token}`);
  const { payment, totals } = (await order.json()) as {
    payment: { checkout: { gateway_order_id: string } };
    totals: { total: { amount: number } };
  };
  const gatewayOrder = payment.checkout.gateway_order_id;
  const placed = { number, token, gatewayOrder, total: totals.total.amount };
  expect(await verify(page.request, placed, await bank(page.request).pay(gatewayOrder))).toBe("paid");
}

for (const [device, viewport] of [
  ["a desk", { width: 1440, height: 900 }],
  ["a phone", { width: 390, height: 844 }],
] as const) {
  test.describe(`on ${device}`, () => {
    test.use({ viewport });

    test("Back during payment closes the window, and checkout and bag lead to the held order", async ({ page }) => {
      const number = await placeEncre(page);
      await page.goBack();
      await expect(page).toHaveURL(/\/checkout$/);
      await expect(page.locator(WINDOW)).toHaveCount(0);
      await expect(main(page).getByRole("heading", { level: 1, ...NOT_PAID })).toBeVisible();
      await expect(main(page).getByText(HELD)).toBeVisible();
      await expect(main(page).getByText(number)).toBeVisible();
      await expect(main(page).getByText("Encre 50 ml")).toBeVisible();
      await expect(main(page).getByText("₹14,500", { exact: true })).toBeVisible();
      await expect(page.getByText("Nothing yet.")).toHaveCount(0);
      await expectNoViolations(page);

      await page.goto("/bag");
      await expect(main(page).getByRole("heading", NOT_PAID)).toBeVisible();
      await expect(page.getByText("Nothing yet.")).toHaveCount(0);
      await expectNoViolations(page);

      // The sheet of any other page says the same.
      await page.goto("/perfumes");
      await waitForHydration(page);
      await page.getByRole("link", { name: "Bag, 0 pieces" }).click();
      const sheet = page.getByRole("dialog");
      await expect(sheet.getByRole("heading", NOT_PAID)).toBeVisible();
      await expectNoViolations(page);
      await sheet.getByRole("link", { name: "Resume payment" }).click();
      await payInWindow(page);
      expect(await paidOrder(page)).toBe(number);

      await page.goto("/bag");
      await expect(page.getByText("Nothing yet. The night is long.")).toBeVisible();
      await expect(page.getByRole("heading", NOT_PAID)).toHaveCount(0);
    });
  });
}

test("a tab that is closed while paying leaves an order that the next one resumes", async ({ page, context }) => {
  const number = await placeEncre(page);
  await page.close();
  const next = await context.newPage();
  await next.goto("/checkout");
  await expect(main(next).getByRole("heading", { level: 1, ...NOT_PAID })).toBeVisible();
  await main(next).getByRole("link", { name: "Resume payment" }).click();
  await payInWindow(next);
  expect(await paidOrder(next)).toBe(number);
});

test("a cancelled order gives its pieces back to the bag, in every tab", async ({ page, context }) => {
  const number = await placeEncre(page);
  const other = await context.newPage();
  await other.goto("/perfumes");
  await expect(other.getByRole("link", { name: "Bag, 0 pieces" })).toBeVisible();
  await page.goBack();
  await main(page)
    .getByRole("button", { name: `Cancel order ${number}` })
    .click();
  await expect(main(page).getByText(`Order ${number} is cancelled. What was in it is back in your bag.`)).toBeVisible();
  await expect(page.getByRole("button", { name: /^Pay securely/ })).toBeEnabled();
  await expect(other.getByRole("link", { name: "Bag, 1 piece" })).toBeVisible();
  // It can be bought again, as another order.
  await toWindow(page);
  expect(page.url().split("/").at(-1)).not.toBe(number);
});

test("an order that is paid elsewhere is paid on every page that shows it", async ({ page, context }) => {
  const number = await placeEncre(page);
  const bag = await context.newPage();
  await bag.goto("/bag");
  await expect(main(bag).getByRole("heading", NOT_PAID)).toBeVisible();
  await payElsewhere(page, number);
  // No page was told: each asks by itself once it is looked at, or soon after.
  await bag.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
  await expect(main(bag).getByText(`Order ${number} is paid.`)).toBeVisible();
  await expect(main(bag).getByRole("heading", NOT_PAID)).toHaveCount(0);
  // And whoever finds out tells the others: the window of the first tab closes.
  await expect(page.locator(WINDOW)).toHaveCount(0);
  expect(await paidOrder(page)).toBe(number);
});

test("one order has one payment window: a second tab takes it over, and its payment is seen in the first", async ({
  page,
  context,
}) => {
  const number = await placeEncre(page);
  const second = await context.newPage();
  await second.goto("/bag");
  await main(second).getByRole("link", { name: "Resume payment" }).click();
  await expect(second.getByRole("heading", { name: "The payment window is open in another tab." })).toBeVisible();
  await expect(second.locator(WINDOW)).toHaveCount(0);
  await expectNoViolations(second);

  await second.getByRole("button", { name: "Pay here instead" }).click();
  await paymentWindow(second);
  await expect(page.locator(WINDOW)).toHaveCount(0);
  await expect(page.getByRole("heading", { name: "The payment window is open in another tab." })).toBeVisible();

  await payInWindow(second);
  expect(await paidOrder(second)).toBe(number);
  expect(await paidOrder(page)).toBe(number);
});

test("a member finds the unpaid order of another device, and a signed-out browser forgets it", async ({
  page,
  browser,
}) => {
  const email = newEmail();
  await register(page, email);
  const number = await placeEncre(page, email);

  const elsewhere = await browser.newContext();
  try {
    const phone = await elsewhere.newPage();
    await phone.goto("/login?next=/checkout");
    await waitForHydration(phone);
    await phone.getByLabel("E-mail").fill(email);
    await phone.getByLabel("Password", { exact: true }).fill("A long night in June, 1912");
    await phone.getByRole("button", { name: "Continue" }).click();
    await expect(phone).toHaveURL(/\/checkout$/);
    await expect(main(phone).getByText(number)).toBeVisible();
    await main(phone).getByRole("link", { name: "Resume payment" }).click();
    await payInWindow(phone);
    expect(await paidOrder(phone)).toBe(number);
  } finally {
    await elsewhere.close();
  }

  // The first device asks again as soon as it is looked at.
  await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
  expect(await paidOrder(page)).toBe(number);
  await page.goto("/p/encre?size=50ml");
  await waitForHydration(page);
  await putInBag(page, "Encre 50 ml");
  await page
    .getByRole("dialog")
    .getByRole("link", { name: /^Checkout/ })
    .click();
  await expect(page.getByRole("group", { name: "Delivery method" }).getByRole("radio").first()).toBeVisible();
  await toWindow(page);
  await page.goto("/account");
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page).toHaveURL(/\/$/);
  await page.goto("/bag");
  await waitForHydration(page);
  await expect(page.getByText("Nothing yet. The night is long.")).toBeVisible();
  expect(
    await page.evaluate(() => Object.keys(localStorage).filter((name) => name.startsWith("noirel.order."))),
  ).toEqual([]);
});

test("a hold that runs out while nobody looks gives the pieces back, and says so", async ({ page, request }) => {
  test.skip(!password, NEEDS_PASSWORD);
  test.setTimeout(150_000);
  const staff = await owner(request);
  const endLaunch = await launchOfOneMinute(staff, "AUBE-NUE-100");
  try {
    await page.goto("/p/aube-nue?size=100ml");
    await waitForHydration(page);
    await putInBag(page, "Aube Nue 100 ml");
    await page
      .getByRole("dialog")
      .getByRole("link", { name: /^Checkout/ })
      .click();
    await fillCheckout(page, newEmail());
    await toWindow(page);
    const number = page.url().split("/").at(-1) ?? "";
    await page.goto("/bag");
    await expect(main(page).getByText(HELD)).toBeVisible();
    await expect(main(page).getByText(`Order ${number} was not paid in time.`)).toBeVisible({ timeout: 110_000 });
    await expect(main(page).getByRole("heading", { name: "Aube Nue" })).toBeVisible();
    await expect(page.getByRole("link", { name: "Bag, 1 piece" })).toBeVisible();
  } finally {
    await endLaunch();
  }
});
