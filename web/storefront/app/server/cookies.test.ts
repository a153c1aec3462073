/** The cookies that pages set. */
import { afterEach, expect, test, vi } from "vitest";
import { cartCookie } from "../cart/cart-id";
import * as bag from "../routes/bag/route";
import { entryCookie } from "../routes/drop/entry-key";
import * as theme from "../routes/theme/route";

const CART = "0190a6b0-0000-7000-8000-000000000000";

afterEach(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
});

async function cookieOf(action: (args: never) => unknown, form: Record<string, string>): Promise<string> {
  const body = new URLSearchParams(form);
  const request = new Request("http://localhost/", { method: "POST", body });
  const response = (await action({ request, params: {}, context: {} } as never)) as Response;
  return response.headers.get("Set-Cookie") ?? "";
}

const cookies = async () => [
  await cookieOf(bag.action, { sku: "ENCRE-50", quantity: "1" }),
  await cookieOf(theme.action, { theme: "noir", to: "/" }),
  await cookieOf(theme.action, { theme: "system", to: "/" }),
];

const answerWithCart = async () => Response.json({ id: CART }, { status: 201 });

test("over https the browser sends the cookies of bag and theme over https alone", async () => {
  vi.stubGlobal("fetch", answerWithCart);
  vi.stubEnv("PUBLIC_URL", "https://shop.example");
  const set = await cookies();
  expect(set.map((cookie) => cookie.split(";", 1)[0])).toEqual([`bag=${CART}`, "noirel_theme=noir", "noirel_theme="]);
  for (const cookie of set) expect(cookie).toMatch(/; SameSite=Lax; Secure$/);
});

test("over http they are sent as well", async () => {
  vi.stubGlobal("fetch", answerWithCart);
  vi.stubEnv("PUBLIC_URL", "http://localhost:8000");
  for (const cookie of await cookies()) expect(cookie).toMatch(/; SameSite=Lax$/);
});

test("a cookie is cleared with the attributes it was set with", () => {
  for (const secure of [true, false]) {
    const attributes = (cookie: string) =>
      cookie.split("; ").filter((part) => !/^(bag|drop-entry|Max-Age)=/.test(part));
    const key = { entry: CART, token: "0".repeat(64) };
    expect(attributes(cartCookie(null, secure))).toEqual(attributes(cartCookie(CART, secure)));
    expect(attributes(entryCookie("eclipse", null, secure))).toEqual(attributes(entryCookie("eclipse", key, secure)));
    expect(cartCookie(null, secure)).toContain("Max-Age=0");
  }
});
