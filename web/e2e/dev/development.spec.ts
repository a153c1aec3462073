import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Page } from "@playwright/test";
import { expect, test as silent } from "../stories/shop";
import { openAdmin } from "../stories/staff";

const tree = process.env.TREE ?? "";

/** Every answer is a success, and the page is loaded once: Vite neither answers 504 nor reloads it. */
const test = silent.extend<{ answers: undefined }>({
  answers: [
    async ({ page }, use) => {
      const refused: string[] = [];
      page.on("response", (response) => {
        if (response.status() >= 400) refused.push(`${response.status()} ${response.url()}`);
      });
      await use(undefined);
      expect(refused).toEqual([]);
    },
    { auto: true },
  ],
});

test.skip(!tree.includes("e2e-dev"), "Edits source files: runs in a copy of the tree, by `make test-dev`.");

/** Replaces a text in a file of the copy, and puts the file back at the end. */
async function edited(file: string, from: string, to: string, then: () => Promise<void>): Promise<void> {
  const at = path.join(tree, "web", file);
  const before = readFileSync(at, "utf8");
  expect(before).toContain(from);
  try {
    writeFileSync(at, before.replace(from, to));
    await then();
  } finally {
    writeFileSync(at, before);
  }
}

/** Counts how often the browser loads a document from now on. */
function loadsOf(page: Page): () => number {
  let loads = 0;
  page.on("load", () => {
    loads += 1;
  });
  return () => loads;
}

test("the storefront opens without an error on the first visit, and an edited page keeps its state", async ({
  page,
}) => {
  const loads = loadsOf(page);
  await page.goto("/");
  await expect(page.getByRole("link", { name: /^Bag, \d+ piece/ })).toBeVisible();
  await page.goto("/p/encre");
  await expect(page.getByRole("link", { name: /^Bag, \d+ piece/ })).toBeVisible();
  await page.getByRole("button", { name: "Add initials" }).click();
  await page.getByLabel("On the glass").fill("A. R.");
  await edited(
    "storefront/app/routes/product/route.tsx",
    "{product.name}\n          </h1>",
    "{product.name} refreshed\n          </h1>",
    async () => {
      await expect(page.getByRole("heading", { level: 1, name: "Encre refreshed" })).toBeVisible();
      await expect(page.getByLabel("On the glass")).toHaveValue("A. R.");
    },
  );
  await expect(page.getByRole("heading", { level: 1, name: "Encre", exact: true })).toBeVisible();
  expect(loads()).toBe(2);
});

test("the admin opens without an error on the first visit, and an edited page keeps its state", async ({ page }) => {
  const loads = loadsOf(page);
  await openAdmin(page);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  for (const link of await page.locator("head link[href], head script[src]").all()) {
    const href = (await link.getAttribute("href")) ?? (await link.getAttribute("src")) ?? "";
    const { status, type } = await page.evaluate(
      async (url) => fetch(url).then((answer) => ({ status: answer.status, type: answer.headers.get("Content-Type") })),
      href,
    );
    expect(status, href).toBe(200);
    expect(type, href).not.toContain("html");
  }
  await page.getByRole("navigation", { name: "Admin" }).getByRole("link", { name: "Products" }).click();
  await page.getByRole("button", { name: "New product" }).click();
  await page.getByLabel("Name", { exact: true }).fill("Minuit");
  const rows = page.getByRole("table").locator("tbody tr");
  await expect(rows).not.toHaveCount(0);
  const file = "admin/app/routes/products/route.tsx";
  await edited(file, "        Products\n", "        Products refreshed\n", async () => {
    await expect(page.locator("h1", { hasText: "Products refreshed" })).toBeVisible();
    await expect(page.getByLabel("Name", { exact: true })).toHaveValue("Minuit");
  });
  // An edited loader is in use at once, too.
  await edited(file, "return { page, currencies", "return { page: { ...page, results: [] }, currencies", async () => {
    await expect(rows).toHaveCount(0);
    await expect(page.getByLabel("Name", { exact: true })).toHaveValue("Minuit");
  });
  await expect(rows).not.toHaveCount(0);
  expect(loads()).toBe(1);
});
