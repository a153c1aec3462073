import type { Locator, Page } from "@playwright/test";
import { LONG, wideContents, withLongEvidence } from "./evidence";
import { bank } from "./gateway";
import { placePaid } from "./quick";
import { expect, newEmail, test } from "./shop";
import { NEEDS_PASSWORD, openAdmin, owner, password, unique } from "./staff";

/** Every section of the admin; what a role's navigation leaves out is refused in words. */
const SECTIONS = [
  "/",
  "/orders",
  "/desk",
  "/reconciliation",
  "/ledger",
  "/events",
  "/products",
  "/categories",
  "/attributes",
  "/collections",
  "/redirects",
  "/search",
  "/imports",
  "/inventory",
  "/drops",
];
const MOST_PAGES = 45;

// What the walk sends is malformed on purpose, so that nothing is done: the browser reports each refusal but a 403.
test.use({ provoked: [/status of (400|404|409|411|412|415|428)/] });
test.describe.configure({ timeout: 240_000 });

for (const role of ["owner", "manager", "packer"]) {
  test(`the ${role} opens every page that is offered, and no act is refused for the role`, async ({
    page,
    request,
  }) => {
    test.skip(!password, NEEDS_PASSWORD);
    const staff = await owner(request);
    const paid = await placePaid(request, bank(request), newEmail(), { sku: "ENCRE-10", quantity: 2 });
    await staff.post("redirects", { kind: "product", slug: unique("old"), to: "encre" });

    const forbidden: string[] = [];
    page.on("response", (response) => {
      if (response.status() === 403)
        forbidden.push(`${response.request().method()} ${response.url()} on ${page.url()}`);
    });
    page.on("dialog", (dialog) => dialog.accept());
    await page.emulateMedia({ reducedMotion: "reduce" });
    await openAdmin(page, "", `${role}@noirel.example`);
    await expect(page.getByRole("heading", { level: 1 })).toHaveCount(1);
    await expect(page.getByText("Not for your role")).toHaveCount(0);
    await withoutEffect(page);

    const offered = await hrefs(page.getByRole("navigation", { name: "Admin" }));
    const waiting = [...offered, `/orders/${paid.number}`];
    const seen = new Set<string>();
    for (let path = waiting.shift(); path !== undefined && seen.size < MOST_PAGES; path = waiting.shift()) {
      if (seen.has(kindOf(path))) continue;
      seen.add(kindOf(path));
      await test.step(path, async () => {
        await opens(page, path);
        waiting.push(...(await hrefs(page.getByRole("main"))));
        if (!path.includes("?")) await pressAll(page, path); // a view has the acts of its list
        await page.setViewportSize({ width: 390, height: 844 });
        await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth), path).toBe(390);
        await page.setViewportSize({ width: 1440, height: 900 });
      });
      expect(forbidden, path).toEqual([]);
    }

    expect(seen.size).toBeGreaterThan(offered.length + 3);

    for (const path of SECTIONS.filter((section) => !offered.includes(section) && section !== "/")) {
      await page.goto(`/admin${path}`);
      await expect(page.getByRole("heading", { level: 1, name: "Not for your role" })).toBeVisible();
      await expect(page.getByRole("navigation", { name: "Admin" })).toBeVisible();
      await page
        .getByRole("main")
        .getByRole("link", { name: /^Go to / })
        .click();
      await expect(page.getByRole("heading", { level: 1 })).not.toHaveText("Not for your role");
    }
    expect(forbidden).toEqual([]);

    await page.setViewportSize({ width: 390, height: 844 });
    await page.getByRole("button", { name: /^Account/ }).click();
    await page.getByRole("button", { name: "Sign out" }).last().click();
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await expect(page).toHaveURL(/\/admin\/login/);
  });
}

test("no page about money is wider than a phone, however long its evidence is", async ({ page, request }) => {
  test.skip(!password, NEEDS_PASSWORD);
  const staff = await owner(request);
  const paid = await placePaid(request, bank(request), newEmail(), { sku: "ENCRE-10", quantity: 1 });
  const webhooks = await staff.get<{ results: { id: number }[] }>("webhook-events?limit=1");
  const ours = await staff.get<{ results: { id: number }[] }>("outbox-events?limit=1");
  await page.setViewportSize({ width: 390, height: 844 });
  await openAdmin(page, "/reconciliation");
  await settled(page);
  await withLongEvidence(page);
  for (const path of [
    "/desk",
    "/desk?item=long-0",
    "/reconciliation",
    "/ledger",
    "/events",
    `/events/${webhooks.results[0]?.id}`,
    "/events/ours",
    `/events/ours/${ours.results[0]?.id}`,
    `/orders/${paid.number}`,
  ]) {
    await opens(page, path);
    // The lists of events show a phone no more than the name, the state and the time.
    if (!/^\/events(\/ours)?$/.test(path))
      await expect(page.getByText(LONG).filter({ visible: true }).first(), path).toBeVisible();
    await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth), path).toBe(390);
    for (const wide of await wideContents(page)) expect.soft(wide, path).toBe("");
  }
});

test("on a phone the navigation shows the section one is in", async ({ page }) => {
  test.skip(!password, NEEDS_PASSWORD);
  await page.setViewportSize({ width: 390, height: 844 });
  await openAdmin(page, "/drops");
  const sections = page.getByRole("navigation", { name: "Admin" });
  await expect(sections.getByRole("link", { name: "Drops" })).toBeInViewport({ ratio: 1 });
  await sections.getByRole("link", { name: "Inventory" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Inventory" })).toBeVisible();
  await expect(sections.getByRole("link", { name: "Inventory" })).toBeInViewport({ ratio: 1 });
});

/** Lets no change through: the server gets each one in a form that it refuses, after it has looked at the role. */
async function withoutEffect(page: Page): Promise<void> {
  await page.route(/\/api\/v1\/admin\//, async (route) => {
    const request = route.request();
    if (request.method() === "GET") return route.continue();
    const headers = { ...request.headers(), "content-type": "application/json" };
    if (request.method() === "DELETE") return route.continue({ url: `${request.url()}~none` });
    await route.continue({ headers, postData: "{" });
  });
}

async function opens(page: Page, path: string): Promise<void> {
  await page.goto(`/admin${path}`);
  await settled(page);
  const heading = page.getByRole("heading", { level: 1 });
  await expect(heading, path).toHaveCount(1);
  await expect(heading, path).not.toHaveText(/Not for your role|Not found|No answer/);
}

const settled = (page: Page) => expect(page.locator("main[aria-busy=false] h1")).toHaveCount(1);

/** Presses one of each kind of button; where a dialog opens, its own main act as well. */
async function pressAll(page: Page, path: string): Promise<void> {
  const pressed = new Set<string>();
  for (;;) {
    const buttons = page.getByRole("main").getByRole("button").filter({ visible: true });
    const texts = await buttons.evaluateAll((all) =>
      all.map((one) => ((one as HTMLButtonElement).disabled ? "" : (one.textContent ?? "").replace(/[\d,.]+/g, "#"))),
    );
    const next = texts.findIndex((text) => text !== "" && !pressed.has(text));
    if (next < 0 || pressed.size > 25) return;
    pressed.add(texts[next] ?? "");
    await buttons.nth(next).evaluate((button: HTMLButtonElement) => button.click());
    const dialog = page.locator("dialog[open]");
    if (await dialog.count()) {
      const act = dialog.last().locator('button[type="submit"]:enabled');
      if (await act.count()) await act.last().evaluate((button: HTMLButtonElement) => button.click());
      await page.keyboard.press("Escape");
    }
    const isHere = page.url().endsWith(`/admin${path}`);
    if (isHere && !(await dialog.count())) await settled(page);
    else await opens(page, path);
  }
}

async function hrefs(within: Locator): Promise<string[]> {
  const all = await within
    .getByRole("link")
    .evaluateAll((links) => links.map((link) => (link as HTMLAnchorElement).getAttribute("href") ?? ""));
  return all
    .filter((href) => href === "/admin" || href.startsWith("/admin/") || href.startsWith("/admin?"))
    .map((href) => href.replace(/^\/admin/, "") || "/")
    .map((href) => (href.startsWith("?") ? `/${href}` : href));
}

/** Two pages of one kind differ only in what they are about: a number, a SKU, a name. */
function kindOf(path: string): string {
  const [where = "", query = ""] = path.split("?");
  const [section, about] = where.split("/").slice(1);
  const asked = [...new URLSearchParams(query)].map(([name, value]) => (name === "view" ? value : name)).sort();
  return `${section}/${about === undefined ? "" : /^(new|~new|ours)$/.test(about) ? about : "*"}/${where.split("/").length}?${asked}`;
}
