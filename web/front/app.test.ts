import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { builtPages, frontApp } from "./app.ts";
import { contentSecurityPolicy, securityHeaders } from "./policy.ts";
import { settingsFrom } from "./settings.ts";

let api: Server;
let front: Server;
let trusting: Server;
let asked: IncomingMessage[] = [];
let rendered: IncomingMessage[] = [];

const quiet = { log: () => undefined };
const address = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const started = (server: Server) =>
  new Promise<Server>((ready) => void server.listen(0, "127.0.0.1", () => ready(server)));

beforeAll(async () => {
  const web = mkdtempSync(path.join(tmpdir(), "front-"));
  for (const [file, text] of Object.entries({
    "admin/dist/index.html": "<title>The back room</title>",
    "admin/dist/assets/main-abc.js": "1",
    "storefront/build/client/assets/root-abc.css": "a{}",
    "storefront/build/client/sw.js": "2",
    "media/encre.avif": "picture",
  })) {
    mkdirSync(path.dirname(path.join(web, file)), { recursive: true });
    writeFileSync(path.join(web, file), text);
  }
  api = await started(
    createServer((request, response) => {
      asked.push(request);
      response.setHeader("X-Request-ID", String(request.headers["x-request-id"]));
      response.writeHead(200, { "Content-Type": "application/json" }).end("{}");
    }),
  );
  const pages = builtPages(web, (request, response) => {
    rendered.push(request);
    response.send("page");
  });
  const environment = { API_ORIGIN: address(api), MEDIA_ROOT: path.join(web, "media") };
  const settings = settingsFrom({ ...environment, GATEWAY_ORIGIN: "http://127.0.0.1:8001" });
  front = await started(createServer(frontApp(settings, pages, quiet)));
  trusting = await started(createServer(frontApp({ ...settings, trustedProxies: 1 }, pages, quiet)));
});

beforeEach(() => {
  asked = [];
  rendered = [];
});

afterAll(() => {
  for (const server of [api, front, trusting]) server.closeAllConnections();
  for (const server of [api, front, trusting]) server.close();
});

const get = (where: string, headers: Record<string, string> = {}, server = front) =>
  fetch(address(server) + where, { headers });

test.each([
  "/api/v1/products?page=2",
  "/healthz",
  "/readyz",
  "/static/docs.css",
  "/robots.txt",
  "/sitemap.xml",
  "/sitemaps/products-1.xml",
  "/feeds/google.xml",
])("%s goes to the API", async (where) => {
  expect((await get(where)).status).toBe(200);
  expect(asked[0]?.url).toBe(where);
});

test("a request keeps its id through the shop, and an odd one is replaced", async () => {
  const kept = await get("/api/v1/shop", { "X-Request-ID": "01a2068d7fae7d2c" });
  expect(kept.headers.get("X-Request-ID")).toBe("01a2068d7fae7d2c");
  expect(asked[0]?.headers["x-request-id"]).toBe("01a2068d7fae7d2c");
  const replaced = await get("/api/v1/shop", { "X-Request-ID": "a b" });
  expect(replaced.headers.get("X-Request-ID")).toMatch(/^[0-9a-f-]{36}$/);
});

test("nobody outside speaks for our proxies", async () => {
  await get("/api/v1/shop", { "X-Forwarded-For": "8.8.8.8", "X-Forwarded-Proto": "https", Forwarded: "for=8.8.8.8" });
  expect(asked[0]?.headers["x-forwarded-for"]).toBe("127.0.0.1");
  expect(asked[0]?.headers["x-forwarded-proto"]).toBe("http");
  expect(asked[0]?.headers.forwarded).toBeUndefined();
});

test("a page is rendered with the visitor's id and address, for the calls it makes to the API", async () => {
  await get("/", { "X-Request-ID": "01a2068d7fae7d2c", "X-Forwarded-For": "8.8.8.8" });
  expect(rendered[0]?.headers).toMatchObject({
    "x-request-id": "01a2068d7fae7d2c",
    "x-forwarded-for": "127.0.0.1",
    "x-forwarded-proto": "http",
  });
  await get("/", { "X-Forwarded-For": "8.8.8.8", "X-Forwarded-Proto": "https" }, trusting);
  expect(rendered[1]?.headers).toMatchObject({ "x-forwarded-for": "8.8.8.8, 127.0.0.1", "x-forwarded-proto": "https" });
});

test("a proxy that is trusted is believed", async () => {
  await get("/api/v1/shop", { "X-Forwarded-For": "8.8.8.8", "X-Forwarded-Proto": "https" }, trusting);
  expect(asked[0]?.headers["x-forwarded-for"]).toBe("8.8.8.8, 127.0.0.1");
  expect(asked[0]?.headers["x-forwarded-proto"]).toBe("https");
});

test("files with a hash in their name are kept for a year, the service worker is asked for every time", async () => {
  expect((await get("/assets/root-abc.css")).headers.get("Cache-Control")).toContain("immutable");
  expect((await get("/admin/assets/main-abc.js")).headers.get("Cache-Control")).toContain("immutable");
  expect((await get("/media/encre.avif")).headers.get("Cache-Control")).toContain("immutable");
  expect((await get("/sw.js")).headers.get("Cache-Control")).toBe("no-cache");
});

test("an address inside the admin is its page, a missing file is not", async () => {
  for (const where of ["/admin", "/admin/", "/admin/orders/NE-1"])
    expect(await (await get(where)).text()).toContain("The back room");
  expect((await get("/admin/assets/gone.js")).status).toBe(404);
  expect((await get("/media/gone.avif")).status).toBe(404);
  expect((await get("/media/..%2f..%2fpackage.json")).status).not.toBe(200);
});

test.each(["/MEDIA/encre.avif", "/Media/encre.avif", "/ADMIN", "/Admin/orders", "/API/v1/shop"])(
  "%s is another address than its spelling in small letters, and a page of the storefront",
  async (where) => {
    const answer = await get(where);
    expect(await answer.text()).toBe("page");
    expect(asked).toEqual([]);
  },
);

test("a file that is missing is kept by no cache, and the admin's page is asked for every time", async () => {
  for (const where of ["/admin/assets/gone.js", "/media/gone.avif"])
    expect((await get(where)).headers.get("Cache-Control")).toBe("no-store");
  for (const where of ["/admin", "/admin/index.html"])
    expect((await get(where)).headers.get("Cache-Control")).toBe("no-cache");
});

test("an API that can't be reached is a problem that says when to try again", async () => {
  const settings = settingsFrom({ API_ORIGIN: "http://127.0.0.1:9" });
  const alone = await started(
    createServer(frontApp(settings, { admin: [], storefront: [(_q, r) => void r.send("")] }, quiet)),
  );
  const answer = await get("/api/v1/shop", {}, alone);
  expect(answer.status).toBe(503);
  expect(answer.headers.get("Content-Type")).toContain("application/problem+json");
  expect(await answer.json()).toMatchObject({ code: "unavailable", status: 503 });
  alone.close();
});

test("with Razorpay itself the storefront's policy names its addresses, and the admin's does not", () => {
  const settings = settingsFrom({ API_ORIGIN: "http://127.0.0.1:9" });
  const policy = contentSecurityPolicy(settings, "storefront", { scripts: ["'sha256-x'"] });
  expect(policy).toContain("script-src 'self' 'sha256-x' https://checkout.razorpay.com https://cdn.razorpay.com");
  expect(contentSecurityPolicy(settings, "admin")).not.toContain("razorpay");
});

test.each(["/", "/admin", "/api/v1/shop", "/static/docs.css", "/media/encre.avif", "/api/schema/redoc/"])(
  "over https a browser that has seen %s asks for nothing over http any more",
  (path) => {
    const https = settingsFrom({
      API_ORIGIN: "http://127.0.0.1:9",
      PUBLIC_URL: "https://shop.example",
      TRUST_PROXY: "1",
    });
    expect(securityHeaders(https, path)["Strict-Transport-Security"]).toBe("max-age=31536000");
    const http = settingsFrom({ API_ORIGIN: "http://127.0.0.1:9" });
    expect(securityHeaders(http, path)["Strict-Transport-Security"]).toBeUndefined();
  },
);

test("every request is one line of the log, with its id and the client's address, without the query", async () => {
  const lines: string[] = [];
  const settings = settingsFrom({ API_ORIGIN: address(api) });
  const pages = { admin: [], storefront: [] };
  const shop = await started(
    createServer(frontApp({ ...settings, trustedProxies: 1 }, pages, { log: (line) => void lines.push(line) })),
  );
  const headers = { "X-Request-ID": "01a2068d7fae7d2c", "X-Forwarded-For": "8.8.8.8" };
  await (await get("/api/v1/orders/NE-1?token=secret", headers, shop)).text();
  await (await get("/nothing?token=secret", headers, shop)).text();
  await vi.waitFor(() => expect(lines).toHaveLength(2));
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { request_id: "01a2068d7fae7d2c", method: "GET", path: "/api/v1/orders/NE-1", status: 200, client: "8.8.8.8" },
    { request_id: "01a2068d7fae7d2c", method: "GET", path: "/nothing", status: 404, client: "8.8.8.8" },
  ]);
  expect(lines.join("")).not.toContain("secret");
  expect(JSON.parse(lines[0] ?? "{}").ms).toBeGreaterThan(0);
  shop.closeAllConnections();
  shop.close();
});

test("a wrong setting is named", () => {
  expect(() => settingsFrom({})).toThrow("API_ORIGIN");
  expect(() => settingsFrom({ API_ORIGIN: "http://a", PORT: "x" })).toThrow("PORT");
  for (const [name, value] of [
    ["ALLOWED_HOSTS", "https://also.example"],
    ["ALLOWED_HOSTS", "also.example:443"],
    ["MEDIA_MAX_BYTES", "20 MB"],
    ["MEDIA_MAX_BYTES", "0"],
  ] as const)
    expect(() => settingsFrom({ API_ORIGIN: "http://a", [name]: value })).toThrow(name);
});
