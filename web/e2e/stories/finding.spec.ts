import { expect, test } from "@playwright/test";
import { NEEDS_PASSWORD, openAdmin, password, unique } from "./staff";

test.skip(!password, NEEDS_PASSWORD);

test("staff say that two words mean the same and lift a product, and the shop finds it so", async ({
  page,
  request,
}) => {
  const said: string[] = [];
  page.on("console", (message) => message.type() === "error" && said.push(message.text()));
  const word = unique("ink").replace("-", "");
  const find = async () =>
    ((await (await request.get(`/api/v1/products?q=${word}`)).json()) as { results: { slug: string }[] }).results;
  expect(await find()).toEqual([]);

  await openAdmin(page, "/search");
  await page.getByLabel("New group").fill("one");
  await page.getByRole("button", { name: "Add" }).first().click();
  await expect(page.getByText("Two words at least")).toBeVisible();
  await page.getByLabel("New group").fill(`${word}, perfume, eau de parfum`);
  await page.getByRole("button", { name: "Add" }).first().click();
  await expect(page.getByRole("button", { name: `Change ${word}, perfume, eau de parfum` })).toBeVisible();

  const found = (await find()).map(({ slug }) => slug);
  expect(found.length).toBeGreaterThan(1);
  await page.getByLabel("Search as a shopper").fill(word);
  await page.getByLabel("Search as a shopper").press("Enter");
  const rows = page.getByRole("rowheader");
  await expect(rows).not.toHaveCount(0);
  const last = (await rows.last().getByRole("link").textContent()) ?? "";
  for (const weight of ["+1", "+2", "+3"]) {
    const row = page.getByRole("row").filter({ hasText: last });
    await row.getByRole("button", { name: "Lift" }).click();
    await expect(row.getByText(weight, { exact: true })).toBeVisible();
  }
  await expect(rows.first()).toContainText(last);
  await page.getByRole("button", { name: "Remove", exact: false }).last().click();
  await expect(page.getByText("None. Try a search")).toBeVisible();
  await page.getByRole("button", { name: `Remove ${word}, perfume, eau de parfum` }).click();
  await expect(page.getByText("None yet.")).toBeVisible();
  expect(await find()).toEqual([]);
  expect(said).toEqual([]);
});
