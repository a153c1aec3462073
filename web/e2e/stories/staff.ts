import { randomBytes } from "node:crypto";
import { type APIRequestContext, expect, type Page } from "@playwright/test";

const EMAIL = "owner@noirel.example";
export const password = process.env.OWNER_PASSWORD ?? process.env.DEMO_STAFF_PASSWORD ?? "";
export const NEEDS_PASSWORD = "Needs OWNER_PASSWORD or DEMO_STAFF_PASSWORD.";

/** A name nobody has used yet, for what stories write into the one shop. */
export const unique = (name: string) => `${name}-${randomBytes(3).toString("hex")}`;

export type Stock = { sku: string; on_hand: number; reserved: number; committed: number; available: number };

export type Staff = {
  get: <T>(path: string) => Promise<T>;
  stock: (sku: string) => Promise<Stock>;
  post: (path: string, data?: object) => Promise<void>;
  patch: (path: string, data: object) => Promise<void>;
  /** Whether it was taken; a refusal is an answer too. */
  tries: (path: string, data?: object) => Promise<boolean>;
};

/** The staff's half of the API, signed in as the owner. */
export async function owner(request: APIRequestContext): Promise<Staff> {
  const signedIn = await request.post("/api/v1/auth/login", { data: { email: EMAIL, password } });
  expect(signedIn.status()).toBe(200);
  const { access } = (await signedIn.json()) as { access: string };
  const call = (method: string, path: string, data?: object) =>
    request.fetch(`/api/v1/admin/${path}`, {
      method,
      ...(data && { data }),
      headers: {
        Authorization: `Bearer ${access}`,
        ...(method === "POST" && { "Idempotency-Key": crypto.randomUUID() }),
      },
    });
  const must = async (method: string, path: string, data?: object) => {
    const answer = await call(method, path, data);
    expect(answer.ok(), `${method} ${path}: ${answer.status()} ${await answer.text()}`).toBe(true);
    return answer;
  };
  return {
    get: async (path) => (await must("GET", path)).json(),
    async stock(sku) {
      const found = (await (await must("GET", `inventory?q=${sku}`)).json()) as { results: Stock[] };
      const row = found.results.find((one) => one.sku === sku);
      if (!row) throw new Error(`There is no ${sku} in the inventory.`);
      return row;
    },
    post: async (path, data = {}) => void (await must("POST", path, data)),
    patch: async (path, data) => void (await must("PATCH", path, data)),
    tries: async (path, data = {}) => (await call("POST", path, data)).ok(),
  };
}

/** Opens a page of the admin, by way of its sign-in. */
export async function openAdmin(page: Page, path = "", email = EMAIL): Promise<void> {
  await page.goto(`/admin${path}`);
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("navigation", { name: "Admin" })).toBeVisible();
}

/** Opens a launch of one variant whose orders are held for a minute, the shortest there is; returns what ends it. */
export async function launchOfOneMinute(staff: Staff, sku: string): Promise<() => Promise<void>> {
  const slug = unique("minute");
  await staff.post("drops", {
    slug,
    name: "A minute",
    words: "",
    mode: "first_come",
    variants: [sku],
    per_person: 2,
    per_address: 2,
    hold_seconds: 60,
    opens_at: new Date(Date.now() - 1000).toISOString(),
  });
  await staff.post(`drops/${slug}/announce`);
  return () => staff.post(`drops/${slug}/end`);
}
