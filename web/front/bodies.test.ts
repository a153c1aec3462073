/** Request bodies at the front: half-sent, too large, chunked, and answered before they were read. */
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { frontApp } from "./app.ts";
import { BodyReader, LIMITS } from "./body.ts";
import { serverFor } from "./listen.ts";
import { settingsFrom } from "./settings.ts";

type Received = { request: IncomingMessage; body: Buffer };

let servers: Server[] = [];
let received: Received[] = [];
let requests = 0;

const portOf = (server: Server) => (server.address() as AddressInfo).port;
const started = async (server: Server) => {
  servers.push(server);
  await new Promise<void>((ready) => void server.listen(0, "127.0.0.1", ready));
  return server;
};

beforeEach(() => {
  received = [];
  requests = 0;
});

afterEach(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  servers = [];
});

const keeping: RequestListener = async (request, response) => {
  requests++;
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  received.push({ request, body: Buffer.concat(chunks) });
  response.writeHead(200, { "Content-Type": "application/json" }).end("{}");
};

/** A front whose clients have `milliseconds` to send a body, before an API that answers with `answer`. */
async function front({ answer = keeping, limits = {}, apiDeadline = 5_000, trustedProxies = 0 } = {}) {
  const api = await started(createServer(answer));
  const settings = { ...settingsFrom({ API_ORIGIN: `http://127.0.0.1:${portOf(api)}` }), trustedProxies };
  const pages = {
    admin: [],
    storefront: [(_: unknown, response: { send(text: string): unknown }) => void response.send("page")],
  };
  const bodies = new BodyReader({ ...LIMITS, milliseconds: 400, ...limits });
  const log = () => undefined;
  return started(serverFor(settings, frontApp(settings, pages, { bodies, apiDeadline, log }), { log }));
}

const head = (path: string, ...lines: string[]) =>
  [`POST ${path} HTTP/1.1`, "Host: localhost", ...lines, "", ""].join("\r\n");

function dial(server: Server): Socket {
  return connect(portOf(server), "127.0.0.1").on("error", () => undefined);
}

/** Everything the other side says until it hangs up. */
function said(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    socket.on("data", (chunk) => {
      text += chunk;
    });
    socket.once("close", () => resolve(text));
  });
}

test("300 half-sent bodies reach nobody, keep nobody waiting, and are told 408", async () => {
  const shop = await front();
  const clients = Array.from({ length: 300 }, () => dial(shop));
  const answers = clients.map(said);
  for (const client of clients) client.write(`${head("/api/v1/auth/login", "Content-Length: 100")}{"email": `);
  await new Promise((later) => setTimeout(later, 100));
  const others = await Promise.all([
    fetch(`http://127.0.0.1:${portOf(shop)}/api/v1/products`),
    fetch(`http://127.0.0.1:${portOf(shop)}/api/v1/auth/login`, { method: "POST", body: "{}" }),
  ]);
  expect(others.map(({ status }) => status)).toEqual([200, 200]);
  // The others did not wait until the half-sent ones were given up.
  expect(clients.some(({ bytesRead }) => bytesRead === 0)).toBe(true);
  expect(requests).toBe(2);
  // They read their answers, and hang up.
  for (const client of clients) client.once("data", () => client.end());
  for (const answer of await Promise.all(answers)) {
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(answer).toContain("application/problem+json");
    expect(answer).toContain('"code":"request_timeout"');
    expect(answer).toMatch(/connection: close/i);
  }
  expect(requests).toBe(2);
});

test("a body that arrives slowly but steadily is read", async () => {
  const shop = await front({ limits: { bytesPerSecond: 10 } });
  const client = dial(shop);
  const answer = said(client);
  client.write(head("/api/v1/auth/login", "Content-Length: 20", "Connection: close"));
  for (let at = 0; at < 20; at++) {
    client.write("x");
    await new Promise((later) => setTimeout(later, 40));
  }
  expect(await answer).toMatch(/^HTTP\/1\.1 200 /);
  expect(received[0]?.body.toString()).toBe("x".repeat(20));
});

test.each(["/api/v1/auth/login", "/bag"])(
  "a body of 1.1 MB for %s is told the truth: it is too large",
  async (path) => {
    const shop = await front();
    for (const body of ["x".repeat(1_100_000), streamOf(1_100_000)]) {
      const answer = await fetch(`http://127.0.0.1:${portOf(shop)}${path}`, {
        method: "POST",
        body,
        duplex: "half",
      } as RequestInit);
      expect(answer.status).toBe(413);
      expect(answer.headers.get("Content-Type")).toBe("application/problem+json");
      expect(await answer.json()).toMatchObject({
        code: "body_too_large",
        detail: "The request is larger than we read.",
      });
    }
    expect(requests).toBe(0);
  },
);

test("a page's form that is too large is refused with a page", async () => {
  const shop = await front();
  const answer = await fetch(`http://127.0.0.1:${portOf(shop)}/bag`, {
    method: "POST",
    body: "x".repeat(1_100_000),
    headers: { Accept: "text/html" },
  });
  expect(answer.status).toBe(413);
  expect(await answer.text()).toContain("<h1>Too large.</h1>");
});

test("a large file goes through a temporary file and arrives as it was, chunked or not", async () => {
  const shop = await front({ limits: { milliseconds: 10_000 } });
  const file = Buffer.alloc(3_000_000, "0123456789abcdef");
  for (const body of [file, streamOf(3_000_000, file)]) {
    const answer = await fetch(`http://127.0.0.1:${portOf(shop)}/api/v1/media/uploads/1?ticket=t`, {
      method: "POST",
      body,
      duplex: "half",
    } as RequestInit);
    expect(answer.status).toBe(200);
  }
  for (const { request, body } of received) {
    expect(body.equals(file)).toBe(true);
    expect(request.headers["content-length"]).toBe("3000000");
    expect(request.headers["transfer-encoding"]).toBeUndefined();
  }
  expect(received).toHaveLength(2);
});

test("when all temporary files together are too large, one more is told to come back", async () => {
  const shop = await front({ limits: { memory: 0, diskTotal: 200_000, milliseconds: 5_000 } });
  const waiting = dial(shop);
  waiting.write(head("/api/v1/media/uploads/1?ticket=t", "Content-Length: 200000") + "x".repeat(150_000));
  await new Promise((later) => setTimeout(later, 100));
  const send = () =>
    fetch(`http://127.0.0.1:${portOf(shop)}/api/v1/media/uploads/2?ticket=t`, {
      method: "POST",
      body: "x".repeat(150_000),
    });
  const answer = await send();
  expect([answer.status, answer.headers.get("Retry-After")]).toEqual([503, "60"]);
  waiting.destroy();
  await new Promise((later) => setTimeout(later, 100));
  expect((await send()).status).toBe(200);
});

test("an answer that the API gives before it has read the body reaches the client whole", async () => {
  const problem = JSON.stringify({ code: "body_too_large", status: 413, padding: "x".repeat(50_000) });
  const shop = await front({
    limits: { milliseconds: 10_000 },
    answer: (request, response) => {
      response.writeHead(413, { "Content-Type": "application/problem+json", Connection: "close" });
      response.write(problem.slice(0, 100));
      setTimeout(() => {
        response.end(problem.slice(100));
        request.socket.resume();
      }, 100);
    },
  });
  const answer = await fetch(`http://127.0.0.1:${portOf(shop)}/api/v1/media/uploads/1?ticket=t`, {
    method: "POST",
    body: Buffer.alloc(20_000_000),
  });
  expect(answer.status).toBe(413);
  expect(await answer.text()).toBe(problem);
});

test("an answer that breaks off does not look whole", async () => {
  const shop = await front({
    answer: (request, response) => {
      response.writeHead(200, { "Content-Length": 1000 }).write("half of it");
      setTimeout(() => request.socket.destroy(), 50);
    },
  });
  const answer = await fetch(`http://127.0.0.1:${portOf(shop)}/api/v1/products`);
  await expect(answer.text()).rejects.toThrow();
});

test("an API that takes the request and never answers is a 503 after the deadline", async () => {
  const shop = await front({ answer: () => undefined, apiDeadline: 300 });
  const answer = await fetch(`http://127.0.0.1:${portOf(shop)}/api/v1/products`);
  expect([answer.status, answer.headers.get("Retry-After")]).toEqual([503, "2"]);
  expect(await answer.json()).toMatchObject({ code: "unavailable" });
});

test.each([
  ["nonsense\r\n\r\n", 400],
  ["GET http://elsewhere.example/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 400],
  ["OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 400],
  [`GET /${"x".repeat(20_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`, 431],
  ["POST /bag HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", 400],
])("what can't be read is refused: %#", async (request, status) => {
  const client = dial(await front());
  const answer = said(client);
  client.write(request);
  const text = await answer;
  expect(text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  expect(text).toContain("application/problem+json");
  expect(text).toContain("frame-ancestors 'none'");
  expect(requests).toBe(0);
});

/** Sends `bytes` of a body of `length` and reads the status of the answer, 0 if there is none within `wait` milliseconds. */
async function sendPart(server: Server, path: string, { lines = [] as string[], length = 0, bytes = 0, wait = 300 }) {
  const socket = dial(server);
  socket.write(head(path, `Content-Length: ${length}`, ...lines) + "x".repeat(bytes));
  const status = await new Promise<number>((resolve) => {
    setTimeout(() => resolve(0), wait);
    socket.once("data", (data) => resolve(Number(String(data).split(" ")[1])));
  });
  return { socket, status };
}

const MEGABYTE = 1024 * 1024;
const STAFF = ["Authorization: Bearer x.y.z"];

test.each([
  ["/api/v1/admin/imports", [], 200 * MEGABYTE, 401, "an import without a token"],
  [
    "/api/v1/admin/imports",
    ["Authorization: Basic eDp5"],
    200 * MEGABYTE,
    401,
    "an import with a token of another kind",
  ],
  ["/api/v1/admin/imports", STAFF, 257 * MEGABYTE, 413, "an import that the API would not take"],
  ["/api/v1/admin/imports/1/run", STAFF, 2 * MEGABYTE, 413, "what lies below the imports"],
  ["/api/v1/media/uploads/1", [], 2 * MEGABYTE, 403, "an upload without a ticket"],
  ["/api/v1/media/uploads/1?ticket=t", [], 22 * MEGABYTE, 413, "an upload larger than a picture may be"],
  ["/api/v1/webhooks/razorpay", [], 17 * MEGABYTE, 413, "a webhook that the API would not take"],
  ["/api/v1/admin/imports", STAFF, 200 * MEGABYTE, 0, "(an import of staff is read)"],
  ["/api/v1/media/uploads/1?ticket=t", [], 20 * MEGABYTE, 0, "(a picture with a ticket is read)"],
  ["/api/v1/webhooks/razorpay", [], 15 * MEGABYTE, 0, "(a large webhook is read)"],
])("%s %j: of %i bytes nothing is kept without need: %i, %s", async (path, lines, length, status) => {
  const sent = await sendPart(await front(), path, { lines, length, bytes: 10 });
  expect(sent.status).toBe(status);
  sent.socket.destroy();
});

test("a chunked import without a token is refused once it is larger than a small body", async () => {
  const shop = await front({ limits: { milliseconds: 10_000 } });
  const answer = await fetch(`http://127.0.0.1:${portOf(shop)}/api/v1/admin/imports`, {
    method: "POST",
    body: streamOf(3 * MEGABYTE),
    duplex: "half",
  } as RequestInit);
  expect([answer.status, answer.headers.get("WWW-Authenticate")]).toEqual([401, 'Bearer realm="api"']);
  expect(await answer.json()).toMatchObject({ code: "not_authenticated" });
  expect(requests).toBe(0);
});

test.each([
  [401, 401],
  [403, 403],
  [500, 503],
])(
  "a large import whose token the API answers with %i is refused with %i before it takes any space",
  async (of, status) => {
    const shop = await front({
      answer: (request, response) => {
        received.push({ request, body: Buffer.alloc(0) });
        response.writeHead(of).end();
      },
    });
    const sent = await sendPart(shop, "/api/v1/admin/imports", { lines: STAFF, length: 9 * MEGABYTE, bytes: MEGABYTE });
    expect(sent.status).toBe(status);
    expect(received.map(({ request }) => [request.method, request.headers.authorization])).toEqual([
      ["GET", "Bearer x.y.z"],
    ]);
  },
);

test("bytes that were sent quickly earn no silence: a body that stops is refused after the usual time", async () => {
  const shop = await front({ limits: { bytesPerSecond: 1 } });
  const began = performance.now();
  const sent = await sendPart(shop, "/api/v1/admin/imports", {
    lines: STAFF,
    length: 9 * MEGABYTE,
    bytes: 8 * MEGABYTE,
    wait: 3_000,
  });
  expect(sent.status).toBe(408);
  expect(performance.now() - began).toBeLessThan(2_000);
});

test("no body takes longer than the longest time, however steadily it arrives", async () => {
  const shop = await front({ limits: { bytesPerSecond: 10, longest: 300 } });
  const client = dial(shop);
  const answer = said(client);
  client.write(head("/api/v1/auth/login", "Content-Length: 1000"));
  const trickle = setInterval(() => client.write("x"), 40);
  client.once("data", () => clearInterval(trickle));
  client.once("data", () => client.end());
  expect(await answer).toMatch(/^HTTP\/1\.1 408 /);
});

test("one address can't use up the disk that all bodies share", async () => {
  const limits = { memory: 0, diskPerClient: 200_000, diskTotal: 300_000, milliseconds: 5_000 };
  const shop = await front({ limits, trustedProxies: 1 });
  const addresses = { one: "2001:db8::1", other: "192.0.2.1" };
  const from = (client: keyof typeof addresses, length: number, bytes: number) =>
    sendPart(shop, "/api/v1/admin/imports", {
      lines: [...STAFF, `X-Forwarded-For: ${addresses[client]}`],
      length,
      bytes,
    });
  const first = await from("one", 160_000, 150_000);
  expect(first.status).toBe(0);
  expect((await from("one", 60_000, 60_000)).status).toBe(429);
  expect((await from("other", 60_000, 60_000)).status).toBe(200);
  first.socket.destroy();
  await new Promise((later) => setTimeout(later, 100));
  expect((await from("one", 60_000, 60_000)).status).toBe(200);
});

function streamOf(size: number, content?: Buffer): ReadableStream<Uint8Array> {
  const whole = content ?? Buffer.alloc(size, "x");
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= whole.length) return controller.close();
      controller.enqueue(new Uint8Array(whole.subarray(at, at + 65_536)));
      at += 65_536;
    },
  });
}

test.each([
  ["a second Host", ["Host: elsewhere.example", "Content-Length: 0"], 400, "malformed"],
  ["an expectation of another kind", ["Expect: a-miracle", "Content-Length: 0"], 417, "expectation_failed"],
])("%s is refused with a problem that has our headers", async (_, lines, status, code) => {
  const socket = dial(await front());
  socket.write(head("/api/v1/carts", ...lines, "Connection: close"));
  const answer = await said(socket);
  expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  expect(answer).toMatch(/^content-type: application\/problem\+json\r$/im);
  expect(answer).toMatch(/^content-security-policy: default-src 'none'/im);
  expect(answer).toContain(`"code":"${code}"`);
  expect(requests).toBe(0);
});
