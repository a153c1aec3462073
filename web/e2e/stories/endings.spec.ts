import { expectNoViolations } from "./axe";
import { bank } from "./gateway";
import { place, placePaid } from "./quick";
import {
  addEncre,
  expect,
  fillCheckout,
  GOOD_CARD,
  newEmail,
  paidOrder,
  payByCard,
  putInBag,
  test,
  toWindow,
  waitForHydration,
} from "./shop";
import { launchOfOneMinute, NEEDS_PASSWORD, owner, password } from "./staff";

test("a hold that runs out gives the bag back, and the same bag is another order", async ({ page, request }) => {
  test.skip(!password, NEEDS_PASSWORD);
  test.setTimeout(150_000);
  const staff = await owner(request);
  const endLaunch = await launchOfOneMinute(staff, "DEUX-MINUTES-100");
  try {
    await page.goto("/p/deux-minutes?size=100ml");
    await waitForHydration(page);
    await putInBag(page, "Deux Minutes 100 ml");
    await page
      .getByRole("dialog")
      .getByRole("link", { name: /^Checkout/ })
      .click();
    await fillCheckout(page, newEmail());
    const frame = await toWindow(page);
    const number = page.url().split("/").at(-1);
    await frame.getByRole("button", { name: "Cancel payment" }).click();
    await expect(page.getByText(/Your flacons are held until \d\d:\d\d IST( \(.+ your time\))?\./)).toBeVisible();

    // Without a press: the page knows when the time is over, and waits for the shop's word.
    await expect(page.getByRole("heading", { name: "We let the flacons go." })).toBeVisible({ timeout: 100_000 });
    await expect(page.getByText("We received no payment. Your bag is as you left it.")).toBeVisible();
    await page.getByRole("main").getByRole("link", { name: "Back to bag" }).click();
    await expect(page.getByRole("main").getByRole("heading", { name: "Deux Minutes" })).toBeVisible();
    await page
      .getByRole("main")
      .getByRole("link", { name: /^Checkout/ })
      .click();
    const again = await toWindow(page);
    expect(page.url().split("/").at(-1)).not.toBe(number);
    await payByCard(again, GOOD_CARD);
    await again.getByRole("button", { name: "Success" }).click();
    await paidOrder(page);
  } finally {
    await endLaunch();
  }
});

test("details can be changed after the window was left: the order goes, the bag comes back", async ({ page }) => {
  await addEncre(page);
  await fillCheckout(page, newEmail());
  const frame = await toWindow(page);
  const number = page.url().split("/").at(-1);
  await frame.getByRole("button", { name: "Cancel payment" }).click();
  await page.getByRole("button", { name: "Change details" }).click();
  await expect(page).toHaveURL(/\/checkout$/);
  await expect(page.getByLabel("Flat, building, street").or(page.getByText("14 Lavelle Road"))).toBeVisible();
  await toWindow(page);
  expect(page.url().split("/").at(-1)).not.toBe(number);
});

test.describe("the browser never hears back", () => {
  test.use({ provoked: [/net::ERR_FAILED/] });

  test("it says that it is confirming, gives up after 90 seconds with a promise, and the webhook settles it", async ({
    page,
    request,
  }) => {
    const gateway = bank(request);
    await page.clock.install();
    await addEncre(page);
    await fillCheckout(page, newEmail());
    const opened = page.waitForResponse("**/api/v1/checkout");
    const frame = await toWindow(page);
    const { payment } = (await (await opened).json()) as { payment: { gateway_order_id: string } };
    await gateway.fault(payment.gateway_order_id, { on: "webhook", do: "hold" });
    await page.route("**/payment/verify*", (route) => route.abort());

    await payByCard(frame, GOOD_CARD);
    await frame.getByRole("button", { name: "Success" }).click();
    await expect(page.getByRole("heading", { name: "We have it, and are confirming with the bank." })).toBeVisible();
    await expect(async () => {
      await page.clock.runFor(15_000);
      await expect(page.getByRole("heading", { name: "The bank is taking its time." })).toBeVisible({ timeout: 300 });
    }).toPass({ timeout: 30_000 });

    await gateway.release(payment.gateway_order_id);
    await page.getByRole("link", { name: "See the order" }).click();
    await expect(async () => {
      await page.clock.runFor(8_000);
      await expect(page.getByRole("heading", { name: "Thank you. It is yours." })).toBeVisible({ timeout: 300 });
    }).toPass({ timeout: 20_000 });
  });
});

test("a browser that died after paying finds the paid order by its link", async ({ page, request }) => {
  const gateway = bank(request);
  const placed = await place(request, newEmail(), { sku: "ENCRE-10", quantity: 1 });
  await gateway.pay(placed.gatewayOrder);
  await page.goto(`/checkout/pay/${placed.number}#${placed.token}`);
  await expect(page.getByRole("heading", { name: "Thank you. It is yours." })).toBeVisible();
  await expect(page).toHaveURL(new RegExp(`/orders/${placed.number}$`));
});

test("a paid order tells what is in it, how it was paid and where it goes, and is let go of from its page", async ({
  page,
  request,
}) => {
  const placed = await placePaid(request, bank(request), newEmail(), { sku: "ENCRE-10", quantity: 2 });
  await page.goto(`/orders/${placed.number}?token=${placed.token}`);
  await expect(page.getByRole("heading", { name: "Thank you. It is yours." })).toBeVisible();
  await expect(page.getByText("10 ml, 2 pieces at ₹4,200")).toBeVisible();
  await expect(page.getByText(/^Paid by card on /)).toBeVisible();
  await expect(page.getByText("14 Lavelle Road")).toHaveCount(1); // billed to where it goes: said once
  await expectNoViolations(page);

  await page.getByRole("button", { name: "Cancel the order" }).click();
  await expect(page.getByText(/^Cancel all of NE-\w+\? ₹8,650 goes back the way it came\.$/)).toBeFocused();
  await page.getByRole("button", { name: "Keep it" }).click();
  await page.getByRole("button", { name: "Cancel the order" }).click();
  await page.getByRole("button", { name: "Cancel it" }).click();
  await expect(page.getByRole("heading", { name: "This order was cancelled." })).toBeVisible();
  await expect(page.getByRole("button", { name: "Cancel the order" })).toHaveCount(0);
});
