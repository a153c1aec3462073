import { expectNoViolations } from "./axe";
import { bank } from "./gateway";
import { place, placePaid, verify } from "./quick";
import { expect, fillCheckout, newEmail, test, waitForHydration } from "./shop";
import { NEEDS_PASSWORD, openAdmin, owner, password } from "./staff";

test.skip(!password, NEEDS_PASSWORD);
test.use({ provoked: [/status of 409 \(Conflict\)/] });

test("staff send one of three flacons back to its buyer, and to the shelf", async ({ page, request }) => {
  const staff = await owner(request);
  // No other story takes this variant: its stock is counted.
  const placed = await placePaid(request, bank(request), newEmail(), { sku: "VELOURS-10", quantity: 3 });
  const before = await staff.stock("VELOURS-10");
  await openAdmin(page, `/orders/${placed.number}`);
  await page.getByRole("button", { name: "Refund", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: `Refund ${placed.number}` });
  await dialog.getByLabel("Units of Velours 10 ml").selectOption("1");
  await expect(dialog.getByLabel("Return these units to stock")).toBeChecked();
  await expect(dialog.getByText(/^₹4,800 goes back to Ananya Rao the way it came/)).toBeVisible();
  await expectNoViolations(page);
  await dialog.getByRole("button", { name: `Refund ₹4,800 of ${placed.number}` }).click();
  await expect(dialog).toBeHidden();
  // The money is promised at once and sent by the worker, which may be slow: the first word is true until it was sent.
  await expect(async () => {
    await page.reload();
    await expect(page.getByText("Part refunded", { exact: true })).toBeVisible({ timeout: 2000 });
  }).toPass({ timeout: 30_000 });
  // None of the three has left: the one that was refunded can be sold again.
  const after = await staff.stock("VELOURS-10");
  expect([after.on_hand, after.committed]).toEqual([before.on_hand, before.committed - 1]);
  expect(after.available).toBe(before.available + 1);

  // What is left is less now, and the buyer reads the same.
  await page.getByRole("button", { name: "Refund", exact: true }).click();
  await expect(dialog.getByText("1 refunded already")).toBeVisible();
  await expect(async () => {
    await page.goto(`/orders/${placed.number}?token=${placed.token}`);
    await expect(page.getByText(/^₹4,800 went back the way it came, on/)).toBeVisible({ timeout: 2000 });
  }).toPass({ timeout: 30_000 });
  await expect(page.getByText("10 ml, 3 pieces at ₹4,800, 1 taken off")).toBeVisible();
});

test("a sum that is not the order's marks nothing paid, lies on the desk, and is sent back from there", async ({
  page,
  request,
}) => {
  const gateway = bank(request);
  const placed = await place(request, newEmail(), { sku: "VELOURS-50", quantity: 1 });
  await gateway.fault(placed.gatewayOrder, { on: "webhook", do: "drop" });
  await gateway.fault(placed.gatewayOrder, { on: "report", do: "change", amount_delta: -500_00 });
  expect(await verify(request, placed, await gateway.pay(placed.gatewayOrder))).toBe("pending_payment");
  await page.goto(`/checkout/pay/${placed.number}#${placed.token}`);
  await expect(page.getByRole("heading", { name: "We are looking at your payment." })).toBeVisible();
  await expect(page.getByRole("button")).toHaveCount(0);

  await openAdmin(page, "/desk?kind=mismatch");
  await page.getByRole("list", { name: "Items" }).getByRole("link", { name: placed.number }).click();
  await expect(page.getByRole("row", { name: /^Amount/ })).toContainText("differs");
  await expectNoViolations(page);
  await page.getByRole("button", { name: "Send ₹16,900 back" }).click();
  const dialog = page.getByRole("dialog", { name: "Send ₹16,900 back?" });
  await dialog.getByRole("button", { name: "Send ₹16,900 back" }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByRole("link", { name: placed.number })).toHaveCount(0);

  await expect(async () => {
    await page.goto(`/orders/${placed.number}`);
    await expect(page.getByText(/^₹16,900 went back the way it came, on/)).toBeVisible({ timeout: 2000 });
  }).toPass({ timeout: 30_000 });
});

test("the proof runs when staff ask for it, beside the books and the bank", async ({ page }) => {
  await openAdmin(page, "/reconciliation");
  await page.getByRole("button", { name: "Check now" }).click();
  await expect(page.getByText(/^All \d+ checks passed\.$|^\d+ findings?$/).first()).toBeVisible({ timeout: 30_000 });
  for (const part of ["Last check", "By day", "Settlements", "Books", "Webhooks"]) {
    await expect(page.getByRole("heading", { name: part, exact: true })).toBeVisible();
  }
  await expectNoViolations(page);
});

test("a webhook is found by its payment, read as it came, and applied again to no effect", async ({
  page,
  request,
}) => {
  const gateway = bank(request);
  const placed = await place(request, newEmail(), { sku: "ENCRE-10", quantity: 1 });
  const paid = await gateway.pay(placed.gatewayOrder);
  await openAdmin(page, `/events?q=${paid.razorpay_payment_id}`);
  const row = page.getByRole("row", { name: /^payment\.captured/ });
  await expect(async () => {
    await page.reload();
    await expect(row).toContainText("Applied", { timeout: 2000 });
  }).toPass({ timeout: 30_000 });
  await expect(row).toContainText(placed.number);
  await expectNoViolations(page);
  await row.getByRole("link", { name: "payment.captured" }).click();
  await expect(page.getByText(`"id": "${paid.razorpay_payment_id}"`)).toBeVisible();
  await page.getByRole("button", { name: "Apply again" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Apply again" }).click();
  await expect(page.getByText("payment.captured: applied")).toBeVisible();
  await expectNoViolations(page);
  await page.getByRole("link", { name: placed.number }).click();
  await expect(page.getByText("Payment received.")).toHaveCount(1);
});

test("staff count a shelf and let it sell ahead, and the shopper reads the day", async ({ page, request }) => {
  const staff = await owner(request);
  await openAdmin(page, "/inventory/ROSE-ETEINTE-100");
  // Somebody else moves stock while it is counted: nothing is overwritten.
  await staff.post("inventory/ROSE-ETEINTE-100/adjust", { delta: 2, reason: "received", note: "" });
  try {
    await page.getByLabel("Units you counted").fill("0");
    await page.getByRole("button", { name: "Enter the count" }).click();
    await expect(page.getByText(/^Stock moved while you counted: 2 should be here now\./)).toBeVisible();
    await page.getByRole("button", { name: "Enter the count" }).click();
    await expect(page.getByText("ROSE-ETEINTE-100: −2 by the count")).toBeVisible();
    await expect(page.getByRole("row", { name: /^−2 Counted 0/ })).toBeVisible();

    await page.getByLabel("When it runs out").selectOption("preorder");
    await page.getByLabel("Expected on").fill("2039-12-02");
    await page.getByRole("button", { name: "Save terms" }).click();
    await expect(page.getByText("The terms of ROSE-ETEINTE-100 are saved")).toBeVisible();
    await expectNoViolations(page);

    await page.goto("/p/rose-eteinte?size=100ml");
    await waitForHydration(page);
    await expect(page.getByText("Pre-order, leaves on Friday 2 December 2039. Paid today.")).toBeVisible();
    await page
      .getByRole("main")
      .getByRole("button", { name: /^Pre-order/ })
      .first()
      .click();
    await page
      .getByRole("dialog")
      .getByRole("link", { name: /^Checkout/ })
      .click();
    await fillCheckout(page, newEmail());
    const bag = page.getByRole("complementary", { name: "Your bag" });
    await expect(bag.getByText("Pre-order, leaves on Friday 2 December 2039.")).toBeVisible();
    await expect(page.getByText(/^Arrives \w+ \d+ Dec/).first()).toBeVisible();
  } finally {
    await staff.patch("inventory/ROSE-ETEINTE-100/terms", { policy: "deny" });
  }
});
