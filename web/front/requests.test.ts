/** Requests as they arrive: what is refused before it reaches a page or the API, and HEAD. */
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import type { Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import type { ServerBuild } from "react-router";
import { afterAll, beforeEach, expect, test, vi } from "vitest";
import { builtPages, frontApp } from "./app.ts";
import { isAllowedHost } from "./hosts.ts";
import { serverFor } from "./listen.ts";
import { storefrontPages } from "./pages.ts";
import { contentSecurityPolicy } from "./policy.ts";
import { settingsFrom } from "./settings.ts";

const SCRIPT = "hydrate()";
const servers: Server[] = [];
let lines: string[] = [];
let posted = 0;

/** A storefront of one page, which has an inline script, as React Router would serve it. */
const build = {
  entry: {
    module: {
      default: (request: Request, status: number, headers: Headers) => {
        const nonce = request.headers.get("X-CSP-Nonce");
        headers.set("Content-Type", "text/html; charset=utf-8");
        headers.set("Cache-Control", "public, s-maxage=60");
        const html = `<!doctype html><script nonce="${nonce}">${SCRIPT}</script>${"<p>page</p>".repeat(400)}`;
        return new Response(request.method === "HEAD" ? null : html, { status, headers });
      },
    },
  },
  routes: {
    root: {
      id: "root",
      path: "*",
      module: {
        default: () => null,
        action: () => {
          posted++;
          return null;
        },
      },
    },
  },
  assets: { entry: { imports: [], module: "" }, routes: {}, url: "", version: "" },
  assetsBuildDirectory: "",
  basename: "/",
  future: {},
  isSpaMode: false,
  prerender: [],
  publicPath: "/",
  routeDiscovery: { mode: "initial" },
  ssr: true,
} as unknown as ServerBuild;

async function front(environment: Record<string, string> = {}) {
  const web = mkdtempSync(path.join(tmpdir(), "front-"));
  mkdirSync(path.join(web, "admin/dist"), { recursive: true });
  writeFileSync(path.join(web, "admin/dist/index.html"), "<title>Admin</title>".repeat(100));
  const settings = settingsFrom({ API_ORIGIN: "http://127.0.0.1:9", ...environment });
  const render = storefrontPages(build, {
    publicUrl: settings.publicUrl,
    policy: (response, scripts) =>
      response.setHeader("Content-Security-Policy", contentSecurityPolicy(settings, "storefront", { scripts })),
  });
  const log = (line: string) => void lines.push(line);
  const server = serverFor(settings, frontApp(settings, builtPages(web, render), { log }), { log });
  servers.push(server);
  await new Promise<void>((ready) => void server.listen(0, "127.0.0.1", ready));
  return server;
}

const shop = await front();

beforeEach(() => {
  lines = [];
  posted = 0;
});

afterAll(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

/** The whole answer to raw lines. */
function send(server: Server, ...request: string[]): Promise<string> {
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1").on("error", () => undefined);
  socket.write([...request, "", ""].join("\r\n"));
  return new Promise((resolve) => {
    let text = "";
    socket.on("data", (chunk) => {
      text += chunk;
    });
    socket.once("end", () => socket.end());
    socket.once("close", () => resolve(text));
  });
}

const headersOf = (answer: string) => {
  const fields = answer.split("\r\n\r\n")[0]?.split("\r\n").slice(1) ?? [];
  const pairs = fields.map((field) => field.split(": ", 2) as [string, string]);
  const varying = ["date", "x-request-id", "keep-alive"];
  return Object.fromEntries(
    pairs.map(([name, value]) => [name.toLowerCase(), value]).filter(([name = ""]) => !varying.includes(name)),
  );
};

test.each([
  ["no Host", ["GET / HTTP/1.1", "Connection: close"], 400],
  ["an empty Host", ["GET / HTTP/1.1", "Host:", "Connection: close"], 400],
  ["no request line", ["nonsense"], 400],
  ["headers that are too large", ["GET / HTTP/1.1", "Host: localhost", `X-Large: ${"x".repeat(20_000)}`], 431],
  ["an unknown expectation", ["POST /bag HTTP/1.1", "Host: localhost", "Expect: a-miracle", "Connection: close"], 417],
  ["CONNECT", ["CONNECT localhost:25 HTTP/1.1", "Host: localhost:25"], 405],
  [
    "another transfer coding",
    ["POST /bag HTTP/1.1", "Host: localhost", "Transfer-Encoding: gzip, chunked", "Connection: close", "", "0"],
    501,
  ],
  [
    "two transfer codings",
    [
      "POST /bag HTTP/1.1",
      "Host: localhost",
      "Transfer-Encoding: chunked",
      "Transfer-Encoding: chunked",
      "Connection: close",
      "",
      "0",
    ],
    400,
  ],
  [
    "a transfer coding of HTTP/1.0",
    ["POST /bag HTTP/1.0", "Host: localhost", "Transfer-Encoding: chunked", "", "0"],
    400,
  ],
])("a request with %s is refused with our headers, an id, and a line in the log", async (_, request, status) => {
  const answer = await send(shop, ...request);
  expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  expect(headersOf(answer)).toMatchObject({
    "content-type": "application/problem+json",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "content-security-policy": expect.stringContaining("frame-ancestors 'none'"),
  });
  const id = /^x-request-id: (\S+)/im.exec(answer)?.[1];
  expect(id).toMatch(/^[0-9a-f-]{36}$/);
  await vi.waitFor(() => expect(lines).toHaveLength(1));
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({ request_id: id, status, client: "127.0.0.1" });
  expect(posted).toBe(0);
});

test.each(["/", "/admin", "/perfumes?page=2"])("HEAD %s has the headers of GET, compressed or not", async (where) => {
  for (const encoding of ["identity", "gzip"]) {
    const lines = [`Host: localhost`, `Accept-Encoding: ${encoding}`, "Connection: close"];
    const got = await send(shop, `GET ${where} HTTP/1.1`, ...lines);
    const asked = await send(shop, `HEAD ${where} HTTP/1.1`, ...lines);
    const { "transfer-encoding": _, "content-length": length, ...headers } = headersOf(got);
    const { "content-length": told, "transfer-encoding": __, ...same } = headersOf(asked);
    expect(same).toEqual(headers);
    expect(told ?? length).toBe(length);
    expect(asked.split("\r\n\r\n")[1]).toBe("");
    expect(headers["content-type"]).toMatch(/^text\/html/);
  }
});

test("HEAD tells the policy that the page's script needs", async () => {
  const answer = await send(shop, "HEAD / HTTP/1.1", "Host: localhost", "Connection: close");
  expect(answer).toContain(`'sha256-${createHash("sha256").update(SCRIPT).digest("base64")}'`);
  await vi.waitFor(() => expect(lines[0]).toContain('"method":"HEAD"'));
});

const post = (server: Server, origin: string | null, host = "localhost") =>
  send(
    server,
    "POST /bag HTTP/1.1",
    `Host: ${host}`,
    ...(origin ? [`Origin: ${origin}`] : []),
    "Accept: text/html",
    "Content-Length: 0",
    "Connection: close",
  );

test.each(["null", "https://evil.example", "https://localhost", "http://localhost:81", "nonsense"])(
  "a form from %s is refused by a page that says why",
  async (origin) => {
    const answer = await post(shop, origin);
    expect(answer).toMatch(/^HTTP\/1\.1 400 [\s\S]*content-type: text\/html/i);
    expect(answer).toContain("<h1>This form came from another site.</h1>");
    expect(posted).toBe(0);
  },
);

test("a form of the shop's own page is taken, behind a proxy that ends https and is not trusted as well", async () => {
  expect(await post(shop, "http://localhost")).toMatch(/^HTTP\/1\.1 200 /);
  const https = await front({ PUBLIC_URL: "https://shop.example" });
  expect(await post(https, "https://shop.example", "shop.example")).toMatch(/^HTTP\/1\.1 200 /);
  expect(await post(https, "http://shop.example", "shop.example")).toMatch(/^HTTP\/1\.1 400 /);
  expect(await post(https, null, "shop.example")).toMatch(/^HTTP\/1\.1 200 /);
  expect(posted).toBe(3);
});

test.each(["/", "/admin", "/api/v1/shop", "/media/x.avif", "/assets/x.js"])(
  "%s under a name that is not the shop's is refused, and kept by nobody",
  async (where) => {
    const answer = await send(shop, `GET ${where} HTTP/1.1`, "Host: evil.example", "Connection: close");
    expect(answer).toMatch(/^HTTP\/1\.1 400 [\s\S]*cache-control: no-store/i);
    expect(answer).toContain('"code":"malformed"');
    expect(answer).toContain("The shop is not at this address");
  },
);

test("the page that refuses a name links to the shop's address", async () => {
  const https = await front({ PUBLIC_URL: "https://shop.example", ALLOWED_HOSTS: "also.example, .cdn.example" });
  const page = (host: string) =>
    send(https, "GET / HTTP/1.1", `Host: ${host}`, "Accept: text/html", "Connection: close");
  expect(await page("192.168.1.20:8000")).toContain('<a href="https://shop.example/">');
  for (const host of ["shop.example", "SHOP.example:443", "also.example", "eu.cdn.example", "localhost:8000"])
    expect(await page(host)).toMatch(/^HTTP\/1\.1 200 /);
});

test.each([
  ["shop.example", true],
  ["shop.example.:8000", true],
  ["notshop.example", false],
  ["shop.example.evil", false],
  ["a.wild.example", true],
  ["wild.example", true],
  ["badwild.example", false],
  ["[::1]:8000", true],
  ["shop.example/", false],
  ["shop.example@evil.example", false],
  [undefined, true],
])("Host %s is the shop's: %s", (host, isAllowed) => {
  expect(isAllowedHost(host, ["shop.example", ".wild.example", "[::1]"])).toBe(isAllowed);
});
