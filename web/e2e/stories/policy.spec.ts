import { addEncre, expect, fillCheckout, GOOD_CARD, newEmail, paidOrder, payByCard, test, toWindow } from "./shop";
import { NEEDS_PASSWORD, openAdmin, password } from "./staff";

declare global {
  interface Window {
    violations: string[];
  }
}

test.beforeEach(async ({ page }) => {
  await page.addInitScript(() => {
    window.violations = [];
    document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => {
      window.violations.push(`${violatedDirective} ${blockedURI}`);
    });
  });
});

test("nothing on the shop's pages or in the docs is refused by their policy, and the docs ask no other host", async ({
  page,
  baseURL,
}) => {
  test.slow(); // the two docs draw every operation of the API
  const elsewhere: string[] = [];
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.protocol.startsWith("http") && url.origin !== new URL(String(baseURL)).origin)
      elsewhere.push(request.url());
  });
  const docs = ["/api/schema/swagger-ui/", "/api/schema/redoc/"];
  for (const path of ["/", "/perfumes", "/p/encre", "/search?q=oud", "/bag", "/login", "/privacy", ...docs]) {
    await page.goto(path);
    await page.waitForLoadState("networkidle");
    if (docs.includes(path)) await expect(page.getByText("The shop's HTTP contract.").first()).toBeVisible();
    expect(await page.evaluate(() => window.violations), path).toEqual([]);
    if (docs.includes(path)) expect(elsewhere, path).toEqual([]);
  }
});

test("nothing of a payment is refused by the policy", async ({ page }) => {
  await addEncre(page);
  await fillCheckout(page, newEmail());
  const frame = await toWindow(page);
  await payByCard(frame, GOOD_CARD);
  await frame.getByRole("button", { name: "Success" }).click();
  await paidOrder(page);
  expect(await page.evaluate(() => window.violations)).toEqual([]);
});

test("nothing in the admin is refused by its own policy", async ({ page }) => {
  test.skip(!password, NEEDS_PASSWORD);
  await openAdmin(page);
  for (const path of ["", "/orders", "/products", "/inventory", "/reconciliation"]) {
    await page.goto(`/admin${path}`);
    await expect(page.getByRole("navigation", { name: "Admin" })).toBeVisible();
    await page.waitForLoadState("networkidle");
    expect(await page.evaluate(() => window.violations), path).toEqual([]);
  }
});
