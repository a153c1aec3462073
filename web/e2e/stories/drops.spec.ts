import { expectNoViolations } from "./axe";
import { mailsTo } from "./mail";
import {
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
import { NEEDS_PASSWORD, openAdmin, owner, password, unique } from "./staff";

/** The link in the mail that was written to this address. */
function linkFor(email: string): string | undefined {
  return mailsTo(email).flatMap((text) => text.match(/\/drops\/\S+\?entry=[0-9a-f-]+&token=[0-9a-f]{64}/) ?? [])[0];
}

test("a lottery is entered by mail, drawn, proved in the browser, and bought", async ({ page, request }) => {
  test.skip(!password || !process.env.RUN_DIR, `${NEEDS_PASSWORD} And RUN_DIR for the mail.`);
  test.setTimeout(120_000);
  const staff = await owner(request);
  const slug = unique("aube");
  // An announced lottery can't be closed before its time, by anybody.
  const closes = Date.now() + 12_000;
  await staff.post("drops", {
    slug,
    name: "Aube, once",
    words: "Two flacons, for whoever is drawn.",
    mode: "lottery",
    units: 2,
    variants: ["AUBE-NUE-100"],
    opens_at: new Date(Date.now() - 1000).toISOString(),
    closes_at: new Date(closes).toISOString(),
  });
  await staff.post(`drops/${slug}/announce`);
  try {
    const email = newEmail();
    await page.goto(`/drops/${slug}`);
    await waitForHydration(page);
    await expect(page.getByText(/^[0-9a-f]{64}$/)).toBeVisible();
    await page.getByLabel("E-mail").fill(email);
    await page.getByRole("button", { name: "Enter the draw" }).click();
    await expect(page.getByRole("heading", { name: "One step is left." })).toBeVisible();

    await expect.poll(() => linkFor(email)).toBeTruthy();
    await page.goto(linkFor(email) ?? "");
    await page.getByRole("button", { name: "Confirm my entry" }).click();
    await expect(page.getByRole("heading", { name: "You are in." })).toBeVisible();
    expect(page.url()).not.toContain("token");

    await expectNoViolations(page);

    await expect.poll(() => staff.tries(`drops/${slug}/close`), { timeout: 30_000 }).toBe(true);
    await staff.tries(`drops/${slug}/draw`);
    await expect(async () => {
      await page.reload();
      await expect(page.getByRole("heading", { name: "You were drawn." })).toBeVisible({ timeout: 2000 });
    }).toPass({ timeout: 30_000 });
    await page.getByRole("button", { name: "Run the draw again" }).click();
    await expect(page.getByText(/^The same places came out: 1 lot/)).toBeVisible();
    await expect(page.getByText("yours")).toBeVisible();
    await expectNoViolations(page);

    await page.getByRole("button", { name: "Put it in my bag" }).click();
    const sheet = page.getByRole("dialog", { name: "Your bag" });
    await expect(sheet.getByRole("heading", { name: "Aube Nue" })).toBeVisible();
    await sheet.getByRole("link", { name: /^Checkout/ }).click();
    await fillCheckout(page, email);
    const frame = await toWindow(page);
    await payByCard(frame, GOOD_CARD);
    await frame.getByRole("button", { name: "Success" }).click();
    await paidOrder(page);
    await page.goto(`/drops/${slug}`);
    await expect(page.getByRole("heading", { name: "It is yours." })).toBeVisible();
  } finally {
    await staff.post(`drops/${slug}/end`);
  }
});

test("staff write a launch and announce it, and its product says when it opens", async ({ page }) => {
  test.skip(!password, NEEDS_PASSWORD);
  const slug = unique("ambre");
  await openAdmin(page);
  await page.getByRole("link", { name: "Drops" }).click();
  await page.getByRole("link", { name: "New drop" }).first().click();
  await page.getByRole("button", { name: "Save as a draft" }).click();
  await expect(page.getByText("Enter at least one SKU.")).toBeVisible();
  await page.getByLabel("Name").fill("Ambre de minuit");
  await page.getByLabel("Address", { exact: true }).fill(slug);
  await page.getByLabel("SKUs").fill("SEL-DAMBRE-100");
  await page.getByLabel("Opens").fill("2039-11-26T21:12");
  await page.getByRole("button", { name: "Save as a draft" }).click();
  await expect(page).toHaveURL(new RegExp(`/admin/drops/${slug}$`));
  await expectNoViolations(page);
  await page.getByRole("button", { name: "Announce" }).click();
  await page.getByRole("button", { name: "Announce Ambre de minuit" }).click();
  await expect(page.getByText(/is announced$/)).toBeVisible();

  await page.goto("/p/sel-dambre?size=100ml");
  await expect(page.getByRole("link", { name: "Ambre de minuit" })).toBeVisible();
  await expect(page.getByRole("button", { name: /^Not open yet/ }).first()).toBeDisabled();
  await page.getByRole("link", { name: "Ambre de minuit" }).click();
  await expect(page.getByRole("timer")).toHaveText(/^Opens in \d+ days/);

  await page.goto(`/admin/drops/${slug}`);
  await page.getByRole("button", { name: "End" }).click();
  await page.getByRole("button", { name: "End Ambre de minuit" }).click();
  await expect(page.getByText(/has ended$/)).toBeVisible();
});

test("staff delete a draft of a drop, and only after they were asked", async ({ page, request }) => {
  test.skip(!password, NEEDS_PASSWORD);
  const staff = await owner(request);
  const slug = unique("draft");
  await staff.post("drops", {
    slug,
    name: `Draft ${slug}`,
    words: "Never announced.",
    variants: ["AUBE-NUE-100"],
    opens_at: new Date(Date.now() + 3_600_000).toISOString(),
  });
  await openAdmin(page, `/drops/${slug}`);
  await page.getByRole("button", { name: "Delete" }).click();
  const asked = page.getByRole("dialog", { name: `Delete Draft ${slug}?` });
  await asked.getByRole("button", { name: "Keep it" }).click();
  await expect(asked).toBeHidden();
  await page.getByRole("button", { name: "Delete" }).click();
  await asked.getByRole("button", { name: `Delete Draft ${slug}` }).click();
  await expect(page.getByText(`Draft ${slug} is deleted`)).toBeVisible();
  await expect(page).toHaveURL(/\/drops$/);
  await expect(page.getByRole("link", { name: `Draft ${slug}` })).toHaveCount(0);
});
