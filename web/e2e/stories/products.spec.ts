import { expect, type Page, test } from "@playwright/test";
import { NEEDS_PASSWORD, openAdmin, owner, password, unique } from "./staff";

test.skip(!password, NEEDS_PASSWORD);

type Row = { slug: string; status: string; price_range: { min: { amount: number } } };

/** The act answered, and the list read again. */
async function changed(page: Page, words: string) {
  await expect(page.getByText(words).first()).toBeVisible();
  await expect(page.getByRole("region", { name: "Chosen products" })).toBeHidden();
}

test("staff publish, undo, archive and reprice many products, and are told which stayed as they were", async ({
  page,
  request,
}) => {
  test.slow();
  const staff = await owner(request);
  const mark = unique("many");
  for (const number of [1, 2, 3]) {
    const slug = `${mark}-${number}`;
    const price = { amount: number * 1000_00, currency: "INR" };
    await staff.post("products", { name: `Many ${slug}`, slug, sku: slug, price });
  }
  await staff.patch(`products/${mark}-3`, { unpublish_at: "2020-01-01T00:00:00Z" });
  const rows = async () => (await staff.get<{ results: Row[] }>(`products?q=${mark}`)).results;
  const states = async () => (await rows()).map(({ slug, status }) => `${slug.at(-1)} ${status}`).sort();
  const said: string[] = [];
  page.on("console", (message) => message.type() === "error" && said.push(message.text()));

  await openAdmin(page, `/products?q=${mark}`);
  const bar = page.getByRole("region", { name: "Chosen products" });
  await page.getByLabel("Choose all on this page").check();
  await expect(bar.getByText("3 chosen")).toBeVisible();
  await bar.getByRole("button", { name: "Publish" }).click();
  await changed(page, "2 of 3 products published, 1 stayed as it was.");
  const last = page.getByRole("region", { name: "Last bulk change" });
  await expect(last.getByText("Its last day in the shop is over: give it another.")).toBeVisible();
  expect(await states()).toEqual(["1 active", "2 active", "3 draft"]);

  await page.getByRole("button", { name: "Undo" }).click();
  await expect(page.getByText("Undone.")).toBeVisible();
  expect(await states()).toEqual(["1 draft", "2 draft", "3 draft"]);

  await page.getByLabel(`Choose Many ${mark}-1`).check();
  await page.getByLabel(`Choose Many ${mark}-2`).check();
  await bar.getByRole("button", { name: "Price" }).click();
  const prices = page.getByRole("dialog", { name: "Change their prices" });
  await prices.getByLabel("By").fill("12.5");
  await prices.getByLabel("Rounded").selectOption("10");
  await prices.getByLabel("Compare-at prices").selectOption("was");
  await expect(prices.getByRole("cell", { name: "₹880" })).toBeVisible();
  await prices.getByRole("button", { name: "Lower prices of 2 products" }).click();
  await changed(page, "2 products given new prices.");
  expect((await rows()).map(({ price_range }) => price_range.min.amount).sort()).toEqual([1750_00, 3000_00, 880_00]);

  await page.getByLabel("Choose all on this page").check();
  await bar.getByRole("button", { name: "Category" }).click();
  const places = page.getByRole("dialog", { name: "Put them in a category" });
  await places.getByLabel("Category").selectOption({ index: 1 });
  await places.getByRole("button", { name: /Put 3 products in/ }).click();
  await changed(page, "3 products put in their category.");
  await page.getByLabel("Category").selectOption({ index: 1 });
  await expect(page).toHaveURL(/category=/);
  await expect(page.getByLabel(`Choose Many ${mark}-3`)).toBeVisible();
  expect(said).toEqual([]);
});
