import type { Browser, BrowserContext, Page } from "@playwright/test";
import { hasMail, linkTo, mailsTo, NEEDS_MAIL } from "./mail";
import { expect, newEmail, test } from "./shop";
import { NEEDS_PASSWORD, owner, password, unique } from "./staff";

/** Every page of the storefront that the server renders with something to press on it. */
const PAGES = [
  "/",
  "/perfumes",
  "/perfumes?family=woody&sort=price",
  "/collections/all",
  "/search",
  "/search?q=iris",
  "/search?q=returns",
  "/p/encre",
  "/p/encre?size=100ml",
  "/p/discovery-set",
  "/drops",
  "/journal",
  "/house",
  "/help",
  "/returns-policy",
  "/privacy",
  "/bag",
  "/checkout",
  "/login",
  "/register",
  "/forgot",
  "/reset?token=x",
  "/verify?token=x",
  "/orders/find",
  "/orders/NE-1234ABCD",
  "/checkout/pay/NE-1234ABCD",
  "/account",
  "/account/password",
  "/nowhere",
];

type Size = { width: number; height: number };
const DESK: Size = { width: 1440, height: 900 };
const PHONE: Size = { width: 390, height: 844 };

/** A value that a field of this kind takes. */
const FILL: Record<string, string> = {
  email: "someone@example.in",
  password: "A long enough passphrase 9",
  search: "iris",
  text: "ABC",
  textarea: "ABC",
};

/** What a press would send; `null` where nothing but a script answers it. */
type Press = { name: string; sends: { method: string; url: string; fields: [string, string][] } | null };

/** Every button that a person could press: visible, enabled and not inert. Forms are filled in first. */
function presses(page: Page): Promise<Press[]> {
  return page
    .locator("button, input[type=submit], input[type=button], [role=button]")
    .evaluateAll((elements, filling) => {
      return elements.flatMap((element): Press[] => {
        const button = element as HTMLButtonElement;
        if (!button.checkVisibility() || button.matches(":disabled") || button.closest("[inert]")) return [];
        const { form } = button;
        const name = button.getAttribute("aria-label") ?? button.innerText;
        if (button.type !== "submit" || !form) return [{ name, sends: null }];
        for (const field of form.querySelectorAll<HTMLInputElement>("input, textarea")) {
          const value = filling[field.type];
          if (value && !field.value) field.value = value;
        }
        const fields = [...new FormData(form, button)].map(([key, value]): [string, string] => [key, String(value)]);
        const action = form.getAttribute("action") ?? "";
        const url = new URL(action, location.href);
        if (form.method === "get") url.search = new URLSearchParams(fields).toString();
        return [{ name, sends: { method: form.method, url: url.href, fields } }];
      });
    }, FILL);
}

/** Presses every button of a page whose scripts have not run: each one submits a form, and each form is answered. */
async function walk(context: BrowserContext, path: string, size: Size): Promise<string[]> {
  const faults: string[] = [];
  const page = await context.newPage();
  await page.setViewportSize(size);
  const shown = await page.goto(path, { waitUntil: "commit" });
  // Scripts stand at the end of the document: once they are there, all of it has been parsed.
  await page.waitForSelector("body > script", { state: "attached" });
  if (!shown || shown.status() >= 500) faults.push(`${path} is answered ${shown?.status()}`);
  for (const { name, sends } of await presses(page)) {
    if (!sends) {
      faults.push(`${path}: “${name}” does nothing without a script`);
      continue;
    }
    const { method, url, fields } = sends;
    const headers = { Origin: new URL(url).origin, "Content-Type": "application/x-www-form-urlencoded" };
    const answer =
      method === "post"
        ? await page.request.post(url, { headers, data: new URLSearchParams(fields).toString() })
        : await page.request.get(url);
    if (answer.status() === 405 || answer.status() >= 500) {
      faults.push(`${path}: “${name}” is answered ${answer.status()}`);
    }
    if (method !== "post" && /passphrase|example\.in/.test(url)) {
      faults.push(`${path}: “${name}” puts what was typed in the address`);
    }
  }
  await page.close();
  return faults;
}

/** A browser whose scripts never arrive, as on a slow line. */
async function unhydrated(browser: Browser, baseURL: string | undefined): Promise<BrowserContext> {
  const context = await browser.newContext({ ...(baseURL && { baseURL }) });
  await context.route(/\/assets\/.*\.js/, () => new Promise<never>(() => undefined));
  return context;
}

function scriptless(browser: Browser, baseURL: string | undefined): Promise<BrowserContext> {
  return browser.newContext({ ...(baseURL && { baseURL }), javaScriptEnabled: false });
}

async function plain(browser: Browser, baseURL: string | undefined): Promise<Page> {
  return (await scriptless(browser, baseURL)).newPage();
}

for (const [when, open] of [
  ["with JavaScript off", scriptless],
  ["before hydration", unhydrated],
] as const) {
  test(`${when}, every button of the storefront works or can't be pressed`, async ({ browser, baseURL }) => {
    test.setTimeout(180_000);
    const context = await open(browser, baseURL);
    await context.route(/\.(?:avif|webp|jpe?g|png|woff2)$/, (route) => route.abort());
    const faults: string[] = [];
    for (const path of PAGES) faults.push(...(await walk(context, path, DESK)));
    for (const path of ["/", "/perfumes", "/p/encre"]) faults.push(...(await walk(context, path, PHONE)));
    // The walk has put a piece in the bag.
    faults.push(...(await walk(context, "/bag", PHONE)));
    expect(faults).toEqual([]);
    await context.close();
  });
}

test("with JavaScript off, forms that need it say so", async ({ browser, baseURL }) => {
  const page = await plain(browser, baseURL);
  for (const path of ["/login", "/register", "/forgot", "/reset?token=x", "/orders/find", "/checkout", "/account"]) {
    await page.goto(path);
    await expect(page.getByText(/needs JavaScript/).first()).toBeVisible();
  }
  await page.context().close();
});

test("with JavaScript off, a quantity is changed and an engraving goes with the flacon", async ({
  browser,
  baseURL,
}) => {
  const page = await plain(browser, baseURL);
  await page.goto("/p/encre");
  await page.getByRole("radio", { name: /100 ml/ }).check();
  await page.getByRole("textbox", { name: "On the glass" }).fill("A.R.");
  await page
    .getByRole("main")
    .getByRole("button", { name: /^Add to bag/ })
    .first()
    .click();
  await expect(page.getByText("100 ml, engraved A.R.")).toBeVisible();
  await page.getByRole("button", { name: /^One more: Encre/ }).click();
  await expect(page.getByRole("button", { name: /^One more: Encre/ })).toHaveAttribute("value", "3");
  await page.getByRole("button", { name: /^One less: Encre/ }).click();
  await expect(page.getByRole("button", { name: /^One less: Encre/ })).toBeDisabled();
  await page.goto("/p/encre");
  await page.getByRole("textbox", { name: "On the glass" }).fill("Zoë");
  await page
    .getByRole("main")
    .getByRole("button", { name: /^Add to bag/ })
    .first()
    .click();
  await expect(page.getByRole("alert")).toContainText("can’t be engraved");
  await page.context().close();
});

test("a size that is pressed before hydration is the one that goes into the bag", async ({ page }) => {
  let arrive = () => undefined as unknown;
  const held = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  await page.route(/\/assets\/.*\.js/, async (route) => {
    await held;
    await route.continue();
  });
  await page.goto("/p/encre", { waitUntil: "commit" });
  await page.getByRole("radio", { name: /100 ml/ }).check();
  arrive();
  await expect(page).toHaveURL(/size=100ml/);
  await expect(page.getByRole("radio", { name: /100 ml/ })).toBeChecked();
});

test("with JavaScript off, a lottery is entered once, confirmed from the mail, and the address keeps no token", async ({
  browser,
  baseURL,
  request,
}) => {
  test.skip(!password, NEEDS_PASSWORD);
  test.skip(!hasMail, NEEDS_MAIL);
  const staff = await owner(request);
  const slug = unique("nuit");
  await staff.post("drops", {
    slug,
    name: "Nuit, once",
    words: "Two flacons, for whoever is drawn.",
    mode: "lottery",
    units: 2,
    variants: ["CENDRE-100"],
    opens_at: new Date(Date.now() - 1000).toISOString(),
    closes_at: new Date(Date.now() + 3_600_000).toISOString(),
  });
  await staff.post(`drops/${slug}/announce`);
  const page = await plain(browser, baseURL);
  try {
    const email = newEmail();
    await page.goto(`/drops/${slug}`);
    await page.getByLabel("E-mail").fill("nobody");
    await page.getByRole("button", { name: "Enter the draw" }).click();
    await expect(page.getByLabel("E-mail")).toHaveValue("nobody");
    await expect(page.getByLabel("E-mail")).toHaveAttribute("aria-invalid", "true");

    await page.goto(`/drops/${slug}`);
    const key = await page.locator("input[name=key]").getAttribute("value");
    await page.getByLabel("E-mail").fill(email);
    await page.getByRole("button", { name: "Enter the draw" }).dblclick({ noWaitAfter: true });
    await expect(page.getByRole("heading", { name: "One step is left." })).toBeVisible();

    const form = { intent: "enter", key: key ?? "", email };
    const forged = await page.request.post(`/drops/${slug}`, { form, headers: { Origin: "https://evil.example" } });
    expect(forged.status()).toBe(400);

    const link = await linkTo(email, /\/drops\/\S+\?entry=[0-9a-f-]+&token=[0-9a-f]{64}/);
    await page.goto(link);
    expect(page.url()).toMatch(new RegExp(`/drops/${slug}$`));
    await page.getByRole("button", { name: "Confirm my entry" }).click();
    await expect(page.getByRole("heading", { name: "You are in." })).toBeVisible();
    const shown = await page.reload();
    expect(shown?.headers()["cache-control"]).toContain("no-store");
    expect(mailsTo(email)).toHaveLength(1);
  } finally {
    await page.context().close();
    await staff.post(`drops/${slug}/end`);
  }
});
