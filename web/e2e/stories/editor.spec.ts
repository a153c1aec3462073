import { expect, type Page, test } from "@playwright/test";
import { NEEDS_PASSWORD, openAdmin, owner, password, unique } from "./staff";

test.skip(!password, NEEDS_PASSWORD);

type Shown = {
  name: string;
  story: string;
  options: { name: string; values: string[] }[];
  variants: {
    sku: string;
    title: string;
    price: { amount: number };
    compare_at: { amount: number } | null;
    barcode: string;
  }[];
  attributes: Record<string, unknown>;
  breadcrumbs: { slug: string }[];
  seo: { title: string };
  related: { slug: string }[];
};

/** Until it is: the bar of changes goes then, while what was said of an earlier save may still stand there. */
async function save(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("region", { name: "Unsaved changes" })).toBeHidden();
  await expect(page.getByText("Saved.")).toBeVisible();
}

test("staff make a product with two options, publish it, and the shop's API tells all of it", async ({
  page,
  request,
}) => {
  test.slow(); // long: it takes 20 s of a busy machine of 2 cores
  const sku = unique("coat").toUpperCase();
  const staff = await owner(request);
  const { results: categories } = await staff.get<{ results: { slug: string; name: string }[] }>("categories");
  const said: string[] = [];
  page.on("console", (message) => message.type() === "error" && said.push(message.text()));

  await openAdmin(page, "/products");
  await page.getByRole("button", { name: "New product" }).click();
  const made = page.getByRole("dialog", { name: "New product" });
  await made.getByLabel("Name").fill(`Coat ${sku}`);
  await made.getByLabel("SKU").fill(sku);
  await made.getByLabel("Price").fill("9000");
  await made.getByRole("button", { name: "Create draft" }).click();
  await expect(page.getByRole("heading", { name: `Coat ${sku}`, level: 1 })).toBeVisible();
  const slug = new URL(page.url()).pathname.split("/").at(-1);

  await page.getByRole("button", { name: "Add options" }).click();
  await page.getByLabel("Option", { exact: true }).fill("Size");
  await page.getByLabel("Value 1 of Size").fill("Small");
  await page.getByLabel("Value 1 of Size").press("Enter");
  await page.getByLabel("Value 2 of Size").fill("Large");
  await page.getByRole("button", { name: "Another option" }).click();
  await page.getByLabel("Option", { exact: true }).nth(1).fill("Colour");
  await page.getByLabel("Value 1 of Colour").fill("Noir");
  await page.getByLabel("Value 1 of Colour").press("Enter");
  await page.getByLabel("Value 2 of Colour").fill("Ivory");
  await page.getByRole("button", { name: "Save options" }).click();
  await expect(page.getByText("3 combinations have no variant")).toBeVisible();
  await page.getByRole("button", { name: "Make all 3" }).click();
  await expect(page.getByRole("rowheader", { name: /Large \/ Ivory/ })).toBeVisible();

  await page.getByLabel("Price of Large / Ivory").fill("9500.50");
  await page.getByLabel("Compare at of Large / Ivory").fill("9000");
  await page.getByLabel("Barcode of Large / Ivory").fill("8901234567894");
  await page.getByLabel("Story").fill("<p>Warm.</p><script>bad()</script>");
  await expect(page.getByText("Removed on saving: <script>.")).toBeVisible();
  await page.getByLabel("Concentration").fill("None");
  await page.getByLabel("Notes").fill('{"top": ["wool"');
  await page.getByLabel("Category").selectOption(categories[0]?.slug ?? "");
  await page.getByLabel("Status").selectOption("active");
  await page.getByLabel("Add a product").fill("encre");
  await page.getByRole("option", { name: "Encre encre", exact: true }).click();
  await page.getByRole("textbox", { name: "Title", exact: true }).fill("A coat for the night");
  await expect(page.getByText("A coat for the night · NOIR'EL")).toBeVisible();
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("The compare-at price must be above the price.")).toBeVisible();
  await expect(page.getByText("Not valid JSON yet")).toBeVisible();

  await page.getByLabel("Compare at of Large / Ivory").fill("12000");
  await page.getByLabel("Notes").fill('{"top": ["wool"]}');
  await save(page);

  const shown = (await (await request.get(`/api/v1/products/${slug}`)).json()) as Shown;
  expect(shown).toMatchObject({
    story: "<p>Warm.</p>",
    options: [
      { name: "size", values: ["Small", "Large"] },
      { name: "colour", values: ["Noir", "Ivory"] },
    ],
    attributes: { concentration: "None", notes: { top: ["wool"] } },
    seo: { title: "A coat for the night" },
  });
  expect(shown.breadcrumbs.at(-1)?.slug).toBe(categories[0]?.slug);
  expect(shown.related[0]?.slug).toBe("encre");
  expect(shown.variants.map(({ title }) => title)).toEqual([
    "Small / Noir",
    "Small / Ivory",
    "Large / Noir",
    "Large / Ivory",
  ]);
  expect(shown.variants.at(-1)).toMatchObject({
    price: { amount: 9500_50 },
    compare_at: { amount: 12_000_00 },
    barcode: "8901234567894",
  });

  // Somebody else saves meanwhile: what was typed here stays, and a person chooses.
  await page.getByLabel("Name", { exact: true }).fill("Mine");
  await page.getByLabel("Vendor").fill("House of wool");
  await staff.patch(`products/${slug}`, { name: "Theirs", subtitle: "Brushed" });
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Someone else has changed this product.")).toBeVisible();
  await expect(page.getByLabel("Name", { exact: true })).toHaveValue("Mine");
  await expect(page.getByLabel("Subtitle")).toHaveValue("Brushed");
  await page.getByRole("button", { name: "Take theirs for Name" }).click();
  await save(page);
  await expect(page.getByRole("heading", { name: "Theirs", level: 1 })).toBeVisible();
  await expect(page.getByLabel("Vendor")).toHaveValue("House of wool");

  // While a save is on its way more is typed: that is asked about too.
  let letGo = () => {};
  const held = new Promise<void>((go) => {
    letGo = go;
  });
  await page.route(`**/admin/products/${slug}`, async (route) => {
    if (route.request().method() === "PATCH") await held;
    await route.continue();
  });
  await page.getByLabel("Vendor").fill("House of cloth");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByLabel("Name", { exact: true }).fill("Never saved");
  await page.getByRole("link", { name: "Orders", exact: true }).click();
  await page.getByRole("button", { name: "Leave and lose 2 changes" }).click();
  await expect(page.getByRole("heading", { name: "Orders", level: 1 })).toBeVisible();
  letGo();
  await page.unrouteAll({ behavior: "wait" });
  expect(said.filter((text) => !text.includes("412"))).toEqual([]);
});

test("a new product is in the inventory from the start, gets its first stock there, and is in stock", async ({
  page,
  request,
}) => {
  const sku = unique("first").toUpperCase();
  const staff = await owner(request);
  const said: string[] = [];
  page.on("console", (message) => message.type() === "error" && said.push(message.text()));

  await openAdmin(page, "/products");
  await page.getByRole("button", { name: "New product" }).click();
  const made = page.getByRole("dialog", { name: "New product" });
  await made.getByLabel("Name").fill(`First ${sku}`);
  await made.getByLabel("SKU").fill(sku);
  await made.getByLabel("Price").fill("9000");
  await made.getByRole("button", { name: "Create draft" }).click();
  await page.getByRole("link", { name: `0 on hand: the stock of First ${sku}` }).click();
  await expect(page.getByRole("heading", { name: `First ${sku}`, level: 1, exact: true })).toBeVisible();
  await page.getByLabel("Units you counted").fill("7");
  await page.getByRole("button", { name: "Enter the count" }).click();
  await expect(page.getByText(`${sku}: +7 by the count`)).toBeVisible();

  await page.getByRole("navigation", { name: "Breadcrumb" }).getByRole("link", { name: "Inventory" }).click();
  await page.getByRole("searchbox").fill(sku);
  await page.getByRole("searchbox").press("Enter");
  await expect(page.getByRole("link", { name: `First ${sku}` })).toHaveCount(1);
  expect((await staff.stock(sku)).available).toBe(7);

  const slug = sku.toLowerCase();
  await staff.patch(`products/first-${slug}`, { status: "active" });
  const shown = await request.get(`/api/v1/products/first-${slug}`);
  expect(((await shown.json()) as { in_stock: boolean }).in_stock).toBe(true);
  expect(said).toEqual([]);
});
