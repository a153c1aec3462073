import { expectNoViolations } from "./axe";
import { addEncre, expect, fillCheckout, newEmail, test } from "./shop";

for (const [device, viewport] of [
  ["a desk", { width: 1440, height: 900 }],
  ["a phone", { width: 390, height: 844 }],
] as const) {
  test.describe(`on ${device}`, () => {
    test.use({ viewport });

    test("methods and total follow the country at once, and the answer for an earlier one never shows", async ({
      page,
    }) => {
      await addEncre(page, "10 ml");
      await fillCheckout(page, newEmail());
      const methods = page.getByRole("group", { name: "Delivery method" });
      const pay = page.getByRole("button", { name: /^Pay securely/ });
      await expect(methods.getByRole("radio", { name: /^Standard/ })).toBeVisible();
      await expect(pay).toContainText("₹4,450");

      // The shop takes its time: what it charges for another country is not shown as this one's.
      let answer = () => {};
      const held = new Promise<void>((resolve) => {
        answer = resolve;
      });
      await page.route("**/api/v1/carts/*", async (route) => {
        if (route.request().method() === "PATCH") await held;
        await route.continue();
      });
      await page.getByText("Another country").click();
      await page.getByLabel("Country").selectOption("US");
      await expect(methods).toHaveCount(0);
      await expect(page.getByText("Looking up delivery to United States…")).toBeVisible();
      await expect(page.locator("dl[aria-busy]").first()).toBeAttached();
      await expectNoViolations(page);
      await page.getByLabel("Country").selectOption("JP");
      await expect(page.getByText("Looking up delivery to Japan…")).toBeVisible();
      answer();
      await expect(methods.getByRole("radio", { name: /^Abroad/ })).toBeChecked();
      await expect(pay).toContainText("₹6,700");
      await expect(page.getByRole("radio", { name: /^Standard/ })).toHaveCount(0);
      await expectNoViolations(page);

      // What belongs to a country comes back with it.
      await expect(page.getByLabel(/^Post/)).toHaveValue("");
      await page.getByLabel("Country").selectOption("IN");
      await expect(page.getByLabel("PIN code")).toHaveValue("560001");
      await expect(page.getByLabel("City")).toHaveValue("Bengaluru");
      await expect(methods.getByRole("radio", { name: /^Standard/ })).toBeVisible();
      await expect(pay).toContainText("₹4,450");
    });
  });
}

test("a country that nothing is delivered to is told, and not charged as another", async ({ page }) => {
  await addEncre(page, "10 ml");
  await fillCheckout(page, newEmail());
  // As a shop answers that has taken a country off its delivery methods.
  await page.route("**/api/v1/carts/*/shipping-methods*", (route) =>
    route.fulfill({ json: { results: [], next: null, total: 0 } }),
  );
  await page.getByText("Another country").click();
  await page.getByLabel("Country").selectOption("JP");
  await expect(page.getByText("We do not deliver to Japan yet.")).toBeVisible();
  await expect(page.getByRole("group", { name: "Delivery method" })).toHaveCount(0);
});

test("a PIN's suggestion that comes late fills what is empty, and not the field that has the focus", async ({
  page,
}) => {
  await addEncre(page, "10 ml");
  let answer = () => {};
  const held = new Promise<void>((resolve) => {
    answer = resolve;
  });
  await page.route("**/api/v1/postcodes/**", async (route) => {
    await held;
    await route.continue();
  });
  await page.goto("/checkout");
  await expect(page.getByRole("button", { name: /^Pay securely/ })).toBeEnabled();
  await page.getByLabel("PIN code").fill("560001");
  const city = page.getByLabel("City");
  await city.focus();
  const answered = page.waitForResponse("**/api/v1/postcodes/**");
  answer();
  await answered;
  await expect(page.getByLabel("State")).toHaveValue("KA");
  await expect(city).toHaveValue("");
  await city.pressSequentially("Bengaluru Cantt.");
  await page.getByLabel("Flat, building, street").focus();
  await expect(city).toHaveValue("Bengaluru Cantt.");

  // Left empty, it takes the suggestion.
  await city.fill("");
  await page.getByLabel("PIN code").fill("400001");
  await city.focus();
  await expect(page.getByLabel("State")).toHaveValue("MH");
  await page.getByLabel("Flat, building, street").focus();
  await expect(city).toHaveValue("Mumbai");
});
