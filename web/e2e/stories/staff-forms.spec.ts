import type { Page } from "@playwright/test";
import { expectNoViolations } from "./axe";
import { bank } from "./gateway";
import { placePaid } from "./quick";
import { expect, newEmail, test } from "./shop";
import { NEEDS_PASSWORD, openAdmin, owner, password, unique } from "./staff";

test.skip(!password, NEEDS_PASSWORD);
test.use({ provoked: [/status of (?:400|401|409)/] });

const focused = (page: Page) => page.evaluate(() => document.activeElement?.tagName ?? "");
const keepsFocus = (page: Page) => expect.poll(() => focused(page)).not.toBe("BODY");

test("signed out in another tab, staff sign in where they are, and the note they typed is saved", async ({
  page,
  context,
  request,
}) => {
  const placed = await placePaid(request, bank(request), newEmail(), { sku: "VELOURS-50", quantity: 1 });
  await openAdmin(page, `/orders/${placed.number}`);
  await page.getByLabel("Internal note").fill("Call before noon.");
  const other = await context.newPage();
  await other.goto("/admin/orders");
  const ended = other.waitForResponse("**/api/v1/auth/logout");
  await other.getByRole("button", { name: "Sign out" }).click();
  await ended;
  await expect(other.getByLabel("E-mail")).toBeVisible();

  await page.getByRole("button", { name: "Save note" }).click();
  const dialog = page.getByRole("dialog", { name: "You’ve been signed out" });
  await expect(dialog.getByLabel("Password")).toBeFocused();
  await expectNoViolations(page);
  await dialog.getByLabel("Password").fill(password);
  await dialog.getByRole("button", { name: "Sign in" }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByLabel("Internal note")).toHaveValue("Call before noon.");
  await page.getByRole("button", { name: "Save note" }).click();
  await expect(page.getByText("Note saved")).toBeVisible();
  await expect(page.getByText(/^Call before noon\. Ira Menon/)).toBeVisible();
});

test("the keyboard's place is kept through packing and unpacking", async ({ page, request }) => {
  const placed = await placePaid(request, bank(request), newEmail(), { sku: "VELOURS-50", quantity: 1 });
  await openAdmin(page, `/orders/${placed.number}`);
  await page.getByRole("button", { name: "Fulfil" }).press("Enter");
  await page.getByRole("button", { name: "Pack 1 unit" }).press("Enter");
  await expect(page.getByRole("dialog")).toBeHidden();
  await expect(page.getByRole("button", { name: "Unpack parcel" })).toBeVisible();
  await keepsFocus(page);
  await page.getByRole("button", { name: "Unpack parcel" }).press("Enter");
  await expect(page.getByRole("button", { name: "Unpack parcel" })).toBeHidden();
  await keepsFocus(page);
  await page.getByRole("button", { name: "Cancel order" }).press("Enter");
  await page.getByLabel(/^Reason/).fill("Ordered twice");
  await page.getByRole("button", { name: `Cancel ${placed.number}` }).press("Enter");
  await expect(page.getByRole("dialog")).toBeHidden();
  await expect(page.getByRole("button", { name: "Cancel order" })).toBeHidden();
  await keepsFocus(page);
});

test("a removed redirect comes back by Undo, and the keyboard's place is kept", async ({ page, request }) => {
  const staff = await owner(request);
  const slug = unique("old-ink");
  await staff.post("redirects", { kind: "product", slug, to: "encre" });
  await openAdmin(page, `/redirects?q=${slug}`);
  await page.getByRole("button", { name: `Remove ${slug}` }).press("Enter");
  await expect(page.getByRole("button", { name: `Remove ${slug}` })).toBeHidden();
  await keepsFocus(page);
  await page.getByRole("button", { name: "Undo" }).press("Enter");
  await expect(page.getByRole("button", { name: `Remove ${slug}` })).toBeVisible();
  await keepsFocus(page);
  const followed = await request.get(`/p/${slug}`, { maxRedirects: 0 });
  expect([followed.status(), followed.headers().location]).toEqual([301, "/p/encre"]);
});

test("an unsaved drop is asked about before a link or a reload loses it", async ({ page }) => {
  await openAdmin(page, "/drops/new");
  await page.getByLabel("Name").fill("Minuit");
  await page.getByRole("navigation", { name: "Admin" }).getByRole("link", { name: "Orders" }).click();
  const dialog = page.getByRole("dialog", { name: "Leave without saving?" });
  await expectNoViolations(page);
  await dialog.getByRole("button", { name: "Stay here" }).click();
  await expect(page.getByLabel("Name")).toHaveValue("Minuit");
  const asked = page.waitForEvent("dialog");
  await page.evaluate(() => void setTimeout(() => location.reload()));
  const question = await asked;
  expect(question.type()).toBe("beforeunload");
  await question.dismiss();
  await expect(page.getByLabel("Name")).toHaveValue("Minuit");
  await page.getByLabel("Minutes to pay").fill("31");
  await page.getByRole("button", { name: "Save as a draft" }).click();
  await page.getByLabel("SKUs").fill("VELOURS-50");
  await expect(page.getByText("Enter a whole number from 1 to 30.")).toBeVisible();
  await page.getByRole("navigation", { name: "Admin" }).getByRole("link", { name: "Orders" }).click();
  await dialog.getByRole("button", { name: /^Leave and lose/ }).click();
  await expect(page.getByRole("heading", { name: "Orders", level: 1 })).toBeVisible();
});

test("days in the wrong order are refused at their field of the ledger, which keeps what was typed", async ({
  page,
}) => {
  await openAdmin(page, "/ledger");
  await page.getByLabel("From", { exact: true }).fill("2027-01-01");
  await page.getByLabel("To", { exact: true }).fill("2020-01-01");
  await page.getByRole("button", { name: "Apply" }).click();
  await expect(page.getByText("The last day comes before the first.")).toBeVisible();
  await expect(page.getByLabel("To", { exact: true })).toBeFocused();
  await expect(page.getByLabel("From", { exact: true })).toHaveValue("2027-01-01");
  await expectNoViolations(page);
  await page.goto("/admin/orders?cursor=old");
  await expect(page.getByText("That page of the list is no longer there. This is the first one.")).toBeVisible();
  await expectNoViolations(page);
});

test("a product is found and added with the keyboard alone", async ({ page }) => {
  await openAdmin(page, "/collections/~new");
  const field = page.getByRole("combobox", { name: "Add a product" });
  await field.fill("encre");
  await expect(page.getByRole("listbox", { name: "Matches" }).getByRole("option").first()).toBeVisible();
  await expectNoViolations(page);
  await field.press("ArrowDown");
  await field.press("Enter");
  await expect(field).toBeFocused();
  await expect(field).toHaveValue("");
  await expect(page.getByRole("button", { name: /^Move Encre/ }).first()).toBeVisible();
});
