import {
  addEncre,
  buy,
  expect,
  fillCheckout,
  GOOD_CARD,
  newEmail,
  POOR_CARD,
  paidOrder,
  payByCard,
  paymentWindow,
  test,
  toWindow,
} from "./shop";

test("a guest finds a perfume, pays by card and lands on the paid order", async ({ page }) => {
  const number = await buy(page, newEmail());
  const main = page.getByRole("main");
  await expect(main.getByText(number)).toBeVisible();
  await expect(main.getByRole("heading", { name: "Encre" })).toBeVisible();
  await expect(main.getByText("Bengaluru 560001")).toBeVisible();
  await expect(page.getByRole("link", { name: "Bag, 0 pieces" })).toBeVisible();
  await page.reload();
  await paidOrder(page);
});

test("a failed payment is retried on the same order", async ({ page }) => {
  await addEncre(page);
  await fillCheckout(page, newEmail());
  const frame = await toWindow(page);
  const number = page.url().split("/").at(-1);
  await payByCard(frame, POOR_CARD);
  await frame.getByRole("button", { name: "Failure" }).click();
  await expect(frame.getByRole("alert").first()).toBeVisible();
  await frame.getByRole("button", { name: "Cancel payment" }).click();
  const leave = frame.getByRole("button", { name: "Yes, leave" });
  if (await leave.isVisible().catch(() => false)) await leave.click();
  await expect(page.getByRole("heading", { name: "The bank said no." })).toBeVisible();
  await expect(page.getByText("There was not enough in the account.")).toBeVisible();

  await page.getByRole("button", { name: "Try again" }).click();
  const again = await paymentWindow(page);
  await payByCard(again, GOOD_CARD);
  await again.getByRole("button", { name: "Success" }).click();
  expect(await paidOrder(page)).toBe(number);
});

test("a dismissed window is resumed, after a reload too", async ({ page }) => {
  await addEncre(page);
  await fillCheckout(page, newEmail());
  const frame = await toWindow(page);
  const number = page.url().split("/").at(-1);
  await frame.getByRole("button", { name: "Cancel payment" }).click();
  await expect(page.getByRole("heading", { name: "No payment yet." })).toBeVisible();
  await expect(page.getByText(/Your flacons are held until \d\d:\d\d IST( \(.+ your time\))?\./)).toBeVisible();

  await page.reload();
  await page.getByRole("button", { name: "Resume payment" }).click();
  const again = await paymentWindow(page);
  await payByCard(again, GOOD_CARD);
  await again.getByRole("button", { name: "Success" }).click();
  expect(await paidOrder(page)).toBe(number);
});

test("a PIN that is too short is told by the field and at the top", async ({ page }) => {
  await addEncre(page);
  await fillCheckout(page, newEmail());
  await page.getByLabel("PIN code").fill("56000");
  await page.getByRole("button", { name: /^Pay securely/ }).click();
  const alert = page.getByRole("alert").filter({ hasText: "another look" });
  await expect(alert).toBeFocused();
  await alert.getByRole("link", { name: "A PIN code has 6 digits." }).click();
  await expect(page.getByLabel("PIN code")).toBeFocused();
});

test("choices made faster than the shop answers are all in the order", async ({ page }) => {
  await addEncre(page);
  await fillCheckout(page, newEmail());
  // A slow connection, and the first of the changes slowest of all.
  let delay = 1200;
  await page.route("**/api/v1/carts/*", async (route) => {
    if (route.request().method() === "PATCH") {
      await new Promise((resolve) => setTimeout(resolve, delay));
      delay = Math.max(100, delay - 500);
    }
    await route.continue();
  });
  await page.getByText("Add gift wrap, a card, samples").click();
  await page.getByRole("checkbox", { name: "Premier Soir" }).check();
  await page.getByRole("checkbox", { name: "Cendre" }).check();
  await expect(page.getByText("0 of 2 left")).toBeVisible();
  await expect(page.getByRole("checkbox", { name: "Velours" })).toBeDisabled();
  await page.getByRole("checkbox", { name: /^Wrap it as a gift/ }).check();
  await page.getByLabel("A card").fill("For the long night.");
  const frame = await toWindow(page);
  await payByCard(frame, GOOD_CARD);
  await frame.getByRole("button", { name: "Success" }).click();
  await paidOrder(page);
  const order = page.getByRole("main");
  await expect(order.getByText("Samples: Premier Soir, Cendre")).toBeVisible();
  await expect(order.getByText("Wrapped as a gift.")).toBeVisible();
  await expect(order.getByText("For the long night.")).toBeVisible();
});
