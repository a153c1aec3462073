import { place } from "./quick";
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
  test,
  waitForHydration,
} from "./shop";
import { NEEDS_PASSWORD, owner, password } from "./staff";

test.use({ provoked: [/status of 409 \(Conflict\)/] });
test.skip(!password, NEEDS_PASSWORD);

const inr = (amount: number) => ({ amount, currency: "INR" });

test("a price that changes under the shopper is told line by line, and paid only when accepted", async ({
  page,
  request,
}) => {
  const staff = await owner(request);
  await addEncre(page, "10 ml");
  await fillCheckout(page, newEmail());
  try {
    await staff.patch("variants/ENCRE-10", { price: inr(430_000) });
    await page.getByRole("button", { name: /^Pay securely/ }).click();
    const told = page.getByRole("alert", { name: "The total has changed." });
    await expect(told).toBeFocused();
    await expect(told).toContainText("Nothing was charged.");
    await expect(told.getByText("Encre 10 ml")).toBeVisible();
    await expect(told).toContainText(/₹4,200\s*→, now\s*₹4,300/);

    // Between the page's last look and the order it changes once more: the shop itself refuses.
    await page.route(
      "**/api/v1/checkout",
      async (route) => {
        await staff.patch("variants/ENCRE-10", { price: inr(440_000) });
        await route.continue();
      },
      { times: 1 },
    );
    await told.getByRole("button", { name: /^Accept/ }).click();
    await expect(told).toContainText(/₹4,300\s*→, now\s*₹4,400/);
    await expect(page).toHaveURL(/\/checkout$/);

    await told.getByRole("button", { name: /^Accept/ }).click();
    const frame = await paymentWindow(page);
    await payByCard(frame, GOOD_CARD);
    await frame.getByRole("button", { name: "Success" }).click();
    await paidOrder(page);
    await expect(page.getByText("₹4,400").first()).toBeVisible();
  } finally {
    await staff.patch("variants/ENCRE-10", { price: inr(420_000) });
  }
});

test("the last flacon goes to another buyer, and the rest of the bag stays", async ({ page, request }) => {
  const staff = await owner(request);
  const stock = await staff.stock("CENDRE-100");
  const put = (delta: number) =>
    delta ? staff.post("inventory/CENDRE-100/adjust", { delta, reason: "correction", note: "" }) : undefined;
  await put(1 - stock.available);
  try {
    await page.goto("/p/discovery-set");
    await waitForHydration(page);
    await page
      .getByRole("main")
      .getByRole("button", { name: /^Add to bag/ })
      .first()
      .click();
    await expect(page.getByRole("dialog")).toBeVisible();
    await page.goto("/p/cendre?size=100ml");
    await waitForHydration(page);
    await putInBag(page, "Cendre 100 ml");
    await page
      .getByRole("dialog")
      .getByRole("link", { name: /^Checkout/ })
      .click();
    await fillCheckout(page, newEmail());

    await place(request, newEmail(), { sku: "CENDRE-100", quantity: 1 });
    await page.getByRole("button", { name: /^Pay securely/ }).click();
    const told = page.getByRole("alert", { name: "Somebody was quicker." });
    await expect(told).toBeFocused();
    await expect(told.getByText("Cendre 100 ml: the last one has just gone.")).toBeVisible();
    const bag = page.getByRole("complementary", { name: "Your bag" });
    await expect(bag.getByRole("heading", { name: "Cendre" })).toBeVisible();
    await expect(bag.getByText("Sold out for now.")).toBeVisible();

    await told.getByRole("button", { name: "Remove Cendre 100 ml" }).click();
    await expect(told).toBeHidden();
    await expect(bag.getByRole("heading", { name: "Cendre" })).toBeHidden();
    await expect(page.getByLabel("Flat, building, street")).toHaveValue("14 Lavelle Road");
    await page.getByRole("button", { name: /^Pay securely/ }).click();
    const frame = await paymentWindow(page);
    await payByCard(frame, GOOD_CARD);
    await frame.getByRole("button", { name: "Success" }).click();
    await paidOrder(page);
  } finally {
    await put(stock.available - 1);
  }
});
