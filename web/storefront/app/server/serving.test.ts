// @vitest-environment node
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";

let api: Server;
let received: IncomingMessage[] = [];
let status = 200;

beforeAll(async () => {
  api = createServer((request, response) => {
    received.push(request);
    if (request.url?.includes("hang")) return;
    response
      .writeHead(status, { "Content-Type": "application/problem+json" })
      .end(JSON.stringify({ code: "x", status }));
  });
  await new Promise<void>((ready) => void api.listen(0, "127.0.0.1", ready));
  vi.stubEnv("API_ORIGIN", `http://127.0.0.1:${(api.address() as AddressInfo).port}`);
});

beforeEach(() => {
  received = [];
  status = 200;
  deadline(20);
});

/** Modules imported from here on give a page so many seconds for all its calls. */
function deadline(seconds: number) {
  vi.resetModules();
  vi.stubEnv("SSR_API_SECONDS", String(seconds));
}

afterAll(() => {
  api.closeAllConnections();
  api.close();
});

const visit = (headers: Record<string, string> = {}) => new Request("http://shop.example/", { headers });

test("every server-side call carries the visitor's request id and address, reads and writes alike", async () => {
  const { onBehalfOf, callApi } = await import("./api.server");
  const { api: client } = await import("@noirel/shared/api/client");
  const { bagCall } = await import("../cart/cart.server");
  const forwarded = {
    "x-request-id": "01a2068d7fae7d2c",
    "x-forwarded-for": "203.0.113.7",
    "x-forwarded-proto": "https",
  };
  await onBehalfOf(visit({ ...forwarded, Cookie: "bag=1", "X-Else": "1" }), async () => {
    await client.get("/shop");
    await bagCall("/carts", { method: "POST", data: { lines: [] } });
    await callApi("/api/v1/drops/x/entries", { method: "POST" });
  });
  expect(received.map(({ method, url }) => `${method} ${url}`)).toEqual([
    "GET /api/v1/shop",
    "POST /api/v1/carts",
    "POST /api/v1/drops/x/entries",
  ]);
  for (const { headers } of received) {
    expect(headers).toMatchObject(forwarded);
    expect(headers.cookie ?? headers["x-else"]).toBeUndefined();
  }
});

test("visitors who are served at the same time are not mixed up", async () => {
  const { onBehalfOf, callApi } = await import("./api.server");
  const addresses = Array.from({ length: 20 }, (_, at) => `203.0.113.${at}`);
  await Promise.all(
    addresses.map((address) =>
      onBehalfOf(visit({ "X-Forwarded-For": address }), async () => {
        await callApi(`/first/${address}`);
        await callApi(`/second/${address}`);
      }),
    ),
  );
  expect(received).toHaveLength(40);
  for (const { url, headers } of received) expect(url).toMatch(new RegExp(`/${headers["x-forwarded-for"]}$`));
});

test("an API that never answers costs a page its deadline once, however many calls it makes", async () => {
  deadline(0.3);
  const { onBehalfOf } = await import("./api.server");
  const { bagCall } = await import("../cart/cart.server");
  const errors = await onBehalfOf(visit(), async () => {
    const found: unknown[] = [];
    for (let call = 0; call < 5; call++) found.push(await bagCall(`/hang/${call}`).catch((error) => error));
    return found;
  });
  expect(errors.map((error) => (error as { status: number }).status)).toEqual([0, 0, 0, 0, 0]);
  expect(received.map(({ url }) => url)).toEqual(["/api/v1/hang/0"]);
});

test.each([
  [200, 503],
  [400, 400],
  [403, 400],
  [404, 404],
  [422, 400],
  [429, 503],
  [500, 500],
  [502, 503],
  [503, 503],
])("a loader whose call answers %i makes a page of %i that names the request", async (answered, page) => {
  if (answered === 200) deadline(0.3);
  const { loading } = await import("./loading.server");
  const { bagCall } = await import("../cart/cart.server");
  status = answered;
  const load = loading(async () => bagCall(answered === 200 ? "/hang" : "/carts/1"));
  const thrown = await load({ request: visit({ "X-Request-ID": "01a2068d7fae7d2c" }) }).catch((error) => error);
  expect(thrown).toMatchObject({ data: { request_id: "01a2068d7fae7d2c" }, init: { status: page } });
});

test("a body that is no form is the sender's mistake", async () => {
  const { formOf } = await import("./loading.server");
  const request = new Request("http://shop.example/bag", {
    method: "POST",
    body: "{",
    headers: { "Content-Type": "application/json" },
  });
  await expect(formOf(request)).rejects.toMatchObject({ init: { status: 400 } });
});
