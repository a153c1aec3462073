import { expect, type Page, test } from "@playwright/test";
import { bank } from "./gateway";
import { placeWith, verify } from "./quick";
import { NEEDS_PASSWORD, openAdmin, owner, password, unique } from "./staff";

test.skip(!password, NEEDS_PASSWORD);

const WIDTHS = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
];

/** A word of this many letters, which can be broken nowhere by itself. */
const word = (letter: string, length: number) => letter.repeat(length);

/** Everything in `root` that begins or ends outside `within`, but for what is in a box of its own that scrolls or cuts it off. */
function outside(root: Element): string[] {
  const frame = root === document.body ? { left: 0, right: innerWidth } : root.getBoundingClientRect();
  const isCut = (element: Element): boolean => {
    for (let up: Element | null = element; up && up !== root; up = up.parentElement) {
      if (["auto", "scroll", "hidden", "clip"].includes(getComputedStyle(up).overflowX)) return true;
    }
    return false;
  };
  return [...root.querySelectorAll("*")]
    .filter((element) => {
      const { left, right, width } = element.getBoundingClientRect();
      return width > 1 && (right > frame.right + 1 || left < frame.left - 1) && !isCut(element);
    })
    .map((element) => `${element.tagName} ${element.className} "${element.textContent?.slice(0, 40)}"`);
}

async function fits(page: Page, what: string): Promise<void> {
  await page.waitForLoadState("networkidle");
  const over = () => document.documentElement.scrollWidth - document.documentElement.clientWidth;
  const found = (await page.locator("body").evaluate(outside)).slice(-6).join("\n");
  expect(await page.evaluate(over), `${what}\n${found}`).toBe(0);
  expect(found, what).toBe("");
}

/** Opens a dialog by its button, and closes it again. */
async function dialogFits(page: Page, opener: string): Promise<void> {
  await page.getByRole("main").getByRole("button", { name: opener, exact: true }).first().click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toBeVisible();
  expect((await dialog.evaluate(outside)).slice(-6).join("\n"), opener).toBe("");
  expect(await dialog.evaluate((element) => element.scrollWidth - element.clientWidth), opener).toBe(0);
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
}

for (const viewport of WIDTHS) {
  test.describe(`at ${viewport.width} pixels`, () => {
    test.use({ viewport });

    test("an order with long words in every field of the shopper fits, and so do its dialogs", async ({
      page,
      request,
    }) => {
      const placed = await placeWith(request, `${word("m", 60)}@${unique("long")}.in`, {
        lines: [{ sku: "ENCRE-10", quantity: 2 }],
        address: {
          name: word("N", 60),
          line1: word("L", 100),
          line2: word("M", 60),
          city: word("C", 60),
        },
        gift: { wrap: true, message: word("W", 120) },
        note: word("n", 300),
      });
      await verify(request, placed, await bank(request).pay(placed.gatewayOrder));
      const staff = await owner(request);
      await staff.post(`orders/${placed.number}/notes`, { text: word("i", 300) });
      await openAdmin(page, `/orders/${placed.number}`);
      await expect(page.getByText(word("n", 300))).toBeVisible();
      await fits(page, "the order");
      for (const opener of ["Fulfil", "Refund", "Cancel order", "Revoke e-mailed links"]) {
        await dialogFits(page, opener);
      }
      await page.goto("/admin/orders");
      await expect(page.getByRole("link", { name: placed.number })).toBeVisible();
      await fits(page, "the list of orders");
    });

    test("long names that staff gave widen neither the lists nor the pages that choose among them", async ({
      page,
      request,
    }) => {
      const staff = await owner(request);
      const slug = unique("long");
      const name = `${word("z", 100)}${slug}`;
      const address = `${word("z", 90)}-${slug}`;
      await staff.post("categories", { name, slug: address });
      await staff.post("collections", { name, slug: address, rules: [] });
      const sku = slug.toUpperCase();
      await staff.post("products", { name, slug: address, sku, price: { amount: 90000, currency: "INR" } });
      await staff.post(`inventory/${sku}/adjust`, { delta: 3, reason: "received", note: word("r", 200) });
      await openAdmin(page, "/products/encre");
      for (const path of [
        "/products/encre",
        `/products/${address}`,
        "/products",
        "/categories",
        `/categories/${address}`,
        "/collections",
        `/collections/${address}`,
        `/inventory?q=${sku}`,
        `/inventory/${sku}`,
      ]) {
        await page.goto(`/admin${path}`);
        await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
        await fits(page, path);
      }
    });
  });
}
