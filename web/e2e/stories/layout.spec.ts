import { place } from "./quick";
import { addEncre, expect, newEmail, putInBag, test, waitForHydration } from "./shop";

const WIDTHS = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
];
const ROUTES = [
  "/",
  "/perfumes",
  "/c/perfumes",
  "/collections/all",
  "/search",
  "/search?q=rose",
  "/search?q=qqqqqq",
  `/search?q=${"q".repeat(80)}`,
  `/search?q=iris+${"q".repeat(80)}`,
  "/p/encre",
  "/p/discovery-set",
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
  "/verify",
  "/account",
  "/account/password",
  "/orders/find",
];

/** The layout shifts that nobody's press has caused, added up since the page began. */
function shifts(): Promise<{ sum: number; what: string[] }> {
  return new Promise((resolve) => {
    type Shift = PerformanceEntry & { value: number; hadRecentInput: boolean; sources?: { node?: Node }[] };
    const seen: Shift[] = [];
    const observer = new PerformanceObserver((list) => seen.push(...(list.getEntries() as Shift[])));
    observer.observe({ type: "layout-shift", buffered: true });
    setTimeout(() => {
      observer.disconnect();
      const counted = seen.filter(({ hadRecentInput }) => !hadRecentInput);
      resolve({
        sum: counted.reduce((sum, { value }) => sum + value, 0),
        what: counted.map(({ value, sources }) => {
          const node = sources?.[0]?.node;
          const name = node instanceof Element ? `${node.tagName} ${node.className}` : String(node?.nodeName);
          return `${value.toFixed(3)} ${name}`;
        }),
      });
    }, 300);
  });
}

/** What is wider than the page, for the message. */
function tooWide(): string[] {
  const width = document.documentElement.clientWidth;
  return [...document.querySelectorAll("body *")]
    .filter((element) => element.getBoundingClientRect().right > width + 1)
    .slice(-8)
    .map((element) => `${element.tagName} ${element.className} "${element.textContent?.slice(0, 40)}"`);
}

for (const viewport of WIDTHS) {
  test.describe(`at ${viewport.width} pixels`, () => {
    test.use({ viewport });

    for (const path of ROUTES) {
      test(`${path} doesn't shift while it loads, and loses nothing with text at 200 %`, async ({ page }) => {
        await page.goto(path);
        await page.waitForLoadState("networkidle");
        const { sum, what } = await page.evaluate(shifts);
        expect(sum, what.join("\n")).toBeLessThan(0.05);
        await page.evaluate(() => {
          document.documentElement.style.fontSize = "200%";
        });
        await page.evaluate(() => new Promise(requestAnimationFrame));
        const over = () => document.documentElement.scrollWidth - document.documentElement.clientWidth;
        expect(await page.evaluate(over), (await page.evaluate(tooWide)).join("\n")).toBe(0);
      });
    }

    test("the filled bag, the checkout and an order lose nothing with text at 200 %", async ({ page, request }) => {
      const { number, token } = await place(request, newEmail(), { sku: "ENCRE-10", quantity: 1 });
      await addEncre(page);
      for (const path of ["/checkout", "/bag", `/orders/${number}?token=${token}`, `/checkout/pay/${number}`]) {
        await page.goto(path);
        await page.waitForLoadState("networkidle");
        const { sum, what } = await page.evaluate(shifts);
        expect(sum, `${path}\n${what.join("\n")}`).toBeLessThan(0.05);
        await page.evaluate(() => {
          document.documentElement.style.fontSize = "200%";
        });
        await page.evaluate(() => new Promise(requestAnimationFrame));
        const over = () => document.documentElement.scrollWidth - document.documentElement.clientWidth;
        expect(await page.evaluate(over), `${path}\n${(await page.evaluate(tooWide)).join("\n")}`).toBe(0);
      }
      await page.goto("/perfumes");
      await waitForHydration(page);
    });
  });
}

test("on a phone, Remove is beside the number of every piece, whatever its price", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  for (const size of ["100ml", "10ml"]) {
    await page.goto(`/p/encre?size=${size}`);
    await waitForHydration(page);
    await putInBag(page, `Encre ${size.replace("ml", " ml")}`);
  }
  await page.goto("/bag");
  const remove = page.getByRole("button", { name: /^Remove/ });
  const lines = page.getByRole("main").getByRole("listitem").filter({ has: remove });
  await expect(lines).toHaveCount(2);
  for (const line of await lines.all()) {
    const pressed = await line.getByRole("button", { name: /^Remove/ }).boundingBox();
    const number = await line.getByRole("spinbutton").boundingBox();
    const middle = (pressed?.y ?? 0) + (pressed?.height ?? 0) / 2;
    expect(middle).toBeGreaterThan(number?.y ?? Number.POSITIVE_INFINITY);
    expect(middle).toBeLessThan((number?.y ?? 0) + (number?.height ?? 0));
  }
});
