import { expectNoViolations } from "./axe";
import { bank } from "./gateway";
import { hasMail, linkTo, mailsTo, NEEDS_MAIL } from "./mail";
import { place, placePaid } from "./quick";
import { expect, newEmail, test, waitForHydration } from "./shop";
import { NEEDS_PASSWORD, owner, password, unique } from "./staff";

const FIRST = "A long night in June, 1912";
const SECOND = "Another long night in July, 1913";
const ENCRE = { sku: "ENCRE-10", quantity: 1 };

test.describe("links in mails", () => {
  test.skip(!hasMail, NEEDS_MAIL);

  test("a new account is confirmed, its password forgotten, reset and changed", async ({ page }) => {
    const email = newEmail();
    await page.goto("/register");
    await waitForHydration(page);
    await expect(page.getByText(/^At least \d+ characters/)).toBeVisible();
    await page.getByLabel("Name").fill("Ananya Rao");
    await page.getByLabel("E-mail").fill(email);
    await page.getByLabel("Password", { exact: true }).fill(FIRST);
    await page.getByRole("button", { name: "Continue" }).click();
    await expect(page).toHaveURL(/\/account$/);

    await page.goto(await linkTo(email, /\/verify\?token=[\w:.-]+/));
    await expect(page.getByRole("heading", { name: "Your e-mail is confirmed." })).toBeVisible();
    await page.getByRole("link", { name: "To your account" }).click();
    const signedOut = page.waitForResponse((response) => response.url().endsWith("/auth/logout"));
    await page.getByRole("button", { name: "Sign out" }).click();
    await expect(page).toHaveURL(/\/$/);
    await signedOut;
    await page.waitForFunction(() => localStorage.getItem("noirel.member") === null);

    await page.goto("/login");
    await waitForHydration(page);
    await page.getByRole("link", { name: "Forgot your password?" }).click();
    await expect(page.getByRole("heading", { name: "Forgot your password?" })).toBeVisible();
    await page.getByLabel("E-mail").fill(email);
    await page.getByRole("button", { name: "Send me the link" }).click();
    await expect(page.getByRole("heading", { name: "Check your e-mail." })).toBeFocused();

    const reset = await linkTo(email, /\/reset\?token=[\w:.-]+/);
    await page.goto(reset);
    await waitForHydration(page);
    await page.getByLabel("New password", { exact: true }).fill(SECOND);
    await page.getByRole("button", { name: "Change password" }).click();
    await expect(page.getByRole("heading", { name: "Your password is changed." })).toBeFocused();
    await page.getByRole("link", { name: "Sign in" }).click();
    await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
    await page.getByLabel("E-mail").fill(email);
    await page.getByLabel("Password", { exact: true }).fill(SECOND);
    await page.getByRole("button", { name: "Continue" }).click();
    await expect(page).toHaveURL(/\/account$/);

    await page.getByRole("link", { name: "Change password" }).click();
    await page.getByLabel("Current password", { exact: true }).fill(SECOND);
    await page.getByLabel("New password", { exact: true }).fill(FIRST);
    await page.getByRole("button", { name: "Change password" }).click();
    await expect(page.getByRole("heading", { name: "Your password is changed." })).toBeFocused();
    await page.getByRole("link", { name: "Back to your account" }).click();
    await expect(page.getByRole("heading", { name: "Orders" })).toBeVisible();
  });

  test("every link in the mails of an order, an account and a draw leads to a page that exists", async ({
    page,
    request,
  }) => {
    test.skip(!password, NEEDS_PASSWORD);
    test.setTimeout(120_000);
    const email = newEmail();
    const registered = await request.post("/api/v1/auth/register", {
      data: { email, password: FIRST, name: "Ananya Rao" },
    });
    expect(registered.status()).toBe(201);
    expect((await request.post("/api/v1/auth/password/forgot", { data: { email } })).status()).toBe(204);
    const { number } = await placePaid(request, bank(request), email, ENCRE);
    expect((await request.post("/api/v1/orders/lookup", { data: { number, email } })).status()).toBe(202);
    const staff = await owner(request);
    const { lines } = await staff.get<{ lines: { id: string; quantity: number }[] }>(`orders/${number}`);
    await staff.post(`orders/${number}/fulfil`, { lines: lines.map(({ id, quantity }) => ({ id, quantity })) });
    await staff.post(`orders/${number}/ship`, { carrier: "Blue Dart", tracking_number: "77001" });
    await staff.post(`orders/${number}/refund`, { amount: { amount: 10_000, currency: "INR" }, reason: "A scratch" });
    const slug = unique("links");
    await staff.post("drops", {
      slug,
      name: "Links",
      words: "One flacon, for whoever is drawn.",
      mode: "lottery",
      units: 1,
      variants: ["VELOURS-100"],
      opens_at: new Date(Date.now() - 1000).toISOString(),
      closes_at: new Date(Date.now() + 600_000).toISOString(),
    });
    await staff.post(`drops/${slug}/announce`);
    try {
      await page.goto(`/drops/${slug}`);
      await waitForHydration(page);
      await page.getByLabel("E-mail").fill(email);
      await page.getByRole("button", { name: "Enter the draw" }).click();
      // Welcome, reset, receipt, link to the order, shipped, refund, entry.
      await expect.poll(() => mailsTo(email).length).toBe(7);

      const links = [...new Set(mailsTo(email).flatMap((mail) => mail.match(/https?:\/\/[^\s"<>)]+/g) ?? []))];
      const shop = new URL(process.env.BASE_URL ?? "http://localhost:8000");
      const kinds = new Set(links.map((link) => new URL(link).pathname.split("/")[1]));
      expect([...kinds]).toEqual(expect.arrayContaining(["orders", "reset", "verify", "drops"]));
      for (const link of links.map((link) => link.replaceAll("&amp;", "&"))) {
        const { host, pathname } = new URL(link);
        expect(host, link).toBe(shop.host);
        if (pathname.startsWith("/media/")) {
          expect((await request.get(link)).status(), link).toBe(200);
          continue;
        }
        const answer = await page.goto(link);
        expect(answer?.status(), link).toBe(200);
        const failed = page.getByRole("heading", { name: /does not exist|lamp went out|not found|doesn’t work/ });
        await expect(page.getByRole("heading", { level: 1 }).first(), link).toBeAttached();
        await waitForHydration(page);
        await expect(failed, link).toHaveCount(0);
      }
    } finally {
      await staff.tries(`drops/${slug}/end`);
    }
  });

  test("a guest finds an order by its number and address", async ({ page, request }) => {
    const email = newEmail();
    const { number } = await place(request, email, ENCRE);
    await page.goto("/help");
    await waitForHydration(page);
    await page.getByRole("contentinfo").getByRole("link", { name: "Find an order" }).click();
    await expect(page.getByRole("heading", { name: "Find your order" })).toBeVisible();
    await page.getByLabel("Order number").fill(` #${number.toLowerCase()} `);
    await page.getByLabel("E-mail").fill(email);
    await page.getByRole("button", { name: "Send me the link" }).click();
    await expect(page.getByRole("heading", { name: "Check your e-mail." })).toBeFocused();
    await page.goto(await linkTo(email, new RegExp(`/orders/${number}\\?token=\\w+`)));
    await expect(page.getByText(`Order ${number}`)).toBeVisible();
    await expect(page).toHaveURL(new RegExp(`/orders/${number}$`));
  });
});

test.describe("another e-mail", () => {
  test.skip(!hasMail, NEEDS_MAIL);
  test.use({ provoked: [/status of 40[01]/] });

  test("an account changes its e-mail: the address changes when the link in the new mailbox is followed", async ({
    page,
    request,
  }) => {
    const [before, taken, after] = [newEmail(), newEmail(), newEmail()];
    for (const email of [before, taken]) {
      const data = { email, password: FIRST, name: "Ananya Rao" };
      expect((await request.post("/api/v1/auth/register", { data })).status()).toBe(201);
    }
    await page.goto("/account/email");
    await expect(page).toHaveURL(/\/login\?next=/);
    await waitForHydration(page);
    await page.getByLabel("E-mail").fill(before);
    await page.getByLabel("Password", { exact: true }).fill(FIRST);
    await page.getByRole("button", { name: "Continue" }).click();
    await expect(page.getByRole("heading", { name: "Change your e-mail" })).toBeVisible();
    await expectNoViolations(page);

    const send = page.getByRole("button", { name: "Send me the link" });
    await send.click();
    await expect(page.getByLabel("New e-mail")).toHaveAccessibleDescription(/Enter your new e-mail/);
    await page.getByLabel("New e-mail").fill(before);
    await page.getByLabel("Password", { exact: true }).fill(FIRST);
    await send.click();
    await expect(page.getByLabel("New e-mail")).toHaveAccessibleDescription(/your e-mail address already/);
    await page.getByLabel("New e-mail").fill(after);
    await page.getByLabel("Password", { exact: true }).fill(SECOND);
    await send.click();
    await expect(page.getByLabel("Password", { exact: true })).toHaveAccessibleDescription(/isn’t your password/);

    // Somebody's address is answered like any other, and nobody is mailed a link there.
    await page.getByLabel("New e-mail").fill(taken);
    await page.getByLabel("Password", { exact: true }).fill(FIRST);
    await send.click();
    await expect(page.getByRole("heading", { name: "Check your new mailbox." })).toBeFocused();
    await page.getByRole("button", { name: "Use another address" }).click();
    await page.getByLabel("New e-mail").fill(after);
    await page.getByLabel("Password", { exact: true }).fill(FIRST);
    await send.click();
    await expect(page.getByRole("heading", { name: "Check your new mailbox." })).toBeFocused();
    await expectNoViolations(page);

    const link = await linkTo(after, /\/verify\?change&token=[\w:.-]+/);
    expect(mailsTo(taken).filter((mail) => mail.includes("/verify?change"))).toEqual([]);
    await page.goto(link);
    await expect(page.getByRole("heading", { name: "Your e-mail is changed." })).toBeVisible();
    await page.getByRole("link", { name: "To your account" }).click();
    await expect(page.getByText(after)).toBeVisible();
    await page.goto(link);
    await expect(page.getByRole("heading", { name: "This link doesn’t work." })).toBeVisible();
    await page.getByRole("link", { name: "Change your e-mail" }).click();
    await expect(page.getByText(after)).toBeVisible();
    const login = (email: string) => request.post("/api/v1/auth/login", { data: { email, password: FIRST } });
    expect([(await login(before)).status(), (await login(after)).status()]).toEqual([401, 200]);
  });
});

test.describe("an order that can't be read", () => {
  test.use({ provoked: [/status of 404/] });

  test("a wrong or missing token says that the order isn't found, and what to do", async ({ page, request }) => {
    const { number, token } = await place(request, newEmail(), ENCRE);
    for (const path of [`/orders/${number}`, `/orders/${number}?token=${"0".repeat(64)}`, `/checkout/pay/${number}`]) {
      await page.goto(path);
      await expect(page.getByRole("heading", { name: "Order not found." })).toBeVisible();
      await expect(page).toHaveTitle(/^Order not found/);
      await page.getByRole("link", { name: "Send me a new link" }).click();
      await expect(page.getByLabel("Order number")).toHaveValue(number);
    }
    // A link that was cut off in the mail doesn't replace the one that works.
    await page.goto(`/orders/${number}?token=${token}`);
    await expect(page.getByText(`Order ${number}`)).toBeVisible();
    await page.goto(`/orders/${number}?token=${token.slice(0, 40)}`);
    await expect(page.getByText(`Order ${number}`)).toBeVisible();
  });
});

test.describe("links that have ended", () => {
  test.use({ provoked: [/status of 400/] });

  test("an invalid link says so and offers a new one", async ({ page }) => {
    await page.goto("/verify?token=nonsense");
    await expect(page.getByRole("heading", { name: "This link doesn’t work." })).toBeVisible();
    await page.goto("/reset?token=nonsense");
    await waitForHydration(page);
    await page.getByLabel("New password", { exact: true }).fill(FIRST);
    await page.getByRole("button", { name: "Change password" }).click();
    await expect(page.getByRole("heading", { name: "This link doesn’t work." })).toBeFocused();
    await page.getByRole("link", { name: "Send me a new link" }).click();
    await expect(page.getByRole("heading", { name: "Forgot your password?" })).toBeVisible();
  });
});

test.describe("a refused form", () => {
  test.use({ provoked: [/status of 4\d\d/] });

  test("the summary of errors lists only those that remain, and focus stays in the field", async ({ page }) => {
    await page.goto("/register");
    await waitForHydration(page);
    await page.getByRole("button", { name: "Continue" }).click();
    const summary = page.getByRole("alert");
    await expect(summary).toBeFocused();
    await expect(summary.getByRole("listitem")).toHaveCount(2);
    await page.getByLabel("E-mail").fill("x");
    await expect(summary.getByRole("listitem")).toHaveText(["Enter your password."]);
    await expect(page.getByLabel("E-mail")).toBeFocused();
    await page.getByLabel("Password", { exact: true }).fill("short");
    await expect(summary).toBeHidden();
    await page.getByRole("button", { name: "Continue" }).click();
    await expect(summary).toBeFocused();
    await expect(page.getByLabel("E-mail")).toHaveAttribute("aria-invalid", "true");
  });
});
