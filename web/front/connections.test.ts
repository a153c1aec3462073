/** What one connection, one client and all of them together may take of the front. */
import { mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import type { RequestListener, Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import express from "express";
import type { ServerBuild } from "react-router";
import { afterEach, expect, test, vi } from "vitest";
import { networkOf } from "./addresses.ts";
import { frontApp } from "./app.ts";
import { CONNECTION_LIMITS } from "./connections.ts";
import { FairQueue, QueueFull } from "./fair-queue.ts";
import { serverFor } from "./listen.ts";
import { storefrontPages } from "./pages.ts";
import { settingsFrom } from "./settings.ts";

const settings = settingsFrom({ API_ORIGIN: "http://127.0.0.1:9" });
const later = (milliseconds: number) => new Promise<void>((done) => setTimeout(done, milliseconds));

let servers: Server[] = [];
let sockets: Socket[] = [];

afterEach(() => {
  for (const socket of sockets) socket.destroy();
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  servers = [];
  sockets = [];
});

async function serve(answer: RequestListener, limits = {}, log: (line: string) => void = () => undefined) {
  const server = serverFor(settings, answer, { limits: { ...CONNECTION_LIMITS, ...limits }, log });
  servers.push(server);
  await new Promise<void>((ready) => void server.listen(0, "127.0.0.1", ready));
  return server;
}

function dial(server: Server, text = ""): Socket {
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1").on("error", () => undefined);
  sockets.push(socket);
  socket.write(text);
  return socket;
}

function said(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    socket.on("data", (chunk) => {
      text += chunk;
    });
    socket.once("close", () => resolve(text));
  });
}

const closed = (socket: Socket) => new Promise<void>((done) => void socket.resume().once("close", () => done()));
const GET = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
const LAST = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

/** Answers after 20 ms, and counts how many requests it is busy with. */
function busy() {
  const seen = { now: 0, most: 0, total: 0 };
  const answer: RequestListener = async (request, response) => {
    seen.total++;
    seen.most = Math.max(seen.most, ++seen.now);
    await later(20);
    seen.now--;
    response.end(`page ${request.headers["x-number"] ?? ""}.`);
  };
  return { seen, answer };
}

test("pipelined requests of a connection are answered in order, one at a time", async () => {
  const { seen, answer } = busy();
  const server = await serve(answer);
  const numbered = (number: number) => GET.replace("\r\n\r\n", `\r\nX-Number: ${number}\r\n\r\n`);
  const text = await said(dial(server, [1, 2, 3, 4, 5].map(numbered).join("") + LAST));
  expect(text.match(/page \d?\./g)).toEqual(["page 1.", "page 2.", "page 3.", "page 4.", "page 5.", "page ."]);
  expect(seen).toMatchObject({ most: 1, total: 6 });
});

test("a connection with a thousand pipelined requests is refused with a 503, and the others are served at once", async () => {
  const { seen, answer } = busy();
  const lines: string[] = [];
  const server = await serve(answer, {}, (line) => lines.push(line));
  const attack = said(dial(server, GET.repeat(1000)));
  // Were the thousand rendered one after the other, the total would show it below.
  expect(await said(dial(server, LAST))).toContain("page .");
  expect(await attack).toMatch(/^HTTP\/1\.1 503 [\s\S]*retry-after: 2[\s\S]*"code":"unavailable"/i);
  expect(seen.total).toBeLessThan(20);
  expect(lines).toHaveLength(1);
});

test("a response that nobody reads is given up, with its file and its connection", async () => {
  const folder = mkdtempSync(path.join(tmpdir(), "front-"));
  writeFileSync(path.join(folder, "large.bin"), Buffer.alloc(32 * 1024 * 1024));
  const server = await serve(express().use(express.static(folder)), { stalled: 300 });
  const request = GET.replace("/ ", "/large.bin ");
  const unread = Array.from({ length: 20 }, () => dial(server, request.repeat(5)).pause());
  const open = () => readdirSync("/proc/self/fd").length;
  const before = open();
  await later(150);
  expect(open()).toBeGreaterThan(before);
  await vi.waitFor(async () => expect(await connectionsOf(server)).toBe(0), 3_000);
  expect(unread.every((socket) => socket.bytesRead < 32 * 1024 * 1024)).toBe(true);
});

test("a client that reads a little now and then does not keep its connection for ever", async () => {
  const server = await serve((_, response) => void response.end(Buffer.alloc(64 * 1024 * 1024)), {
    stalled: 1_000,
    slow: 400,
    slowBytes: 16 * 1024 * 1024,
  });
  const socket = dial(server, GET).pause();
  const sips = setInterval(() => socket.read(1024), 50);
  await vi.waitFor(async () => expect(await connectionsOf(server)).toBe(0), 5_000);
  clearInterval(sips);
});

test("a client that waits for an answer of ours is not cut off, however long it takes", async () => {
  const server = await serve(
    async (_, response) => {
      await later(700);
      response.end("at last");
    },
    { stalled: 200 },
  );
  expect(await said(dial(server, LAST))).toContain("at last");
});

test("when all connections are taken, the oldest idle ones of whoever has the most make room", async () => {
  const { answer } = busy();
  const server = await serve(answer, { connections: 10 });
  const idle = Array.from({ length: 10 }, () => dial(server));
  const first = closed(idle[0] as Socket);
  await vi.waitFor(async () => expect(await connectionsOf(server)).toBe(10));
  expect(await said(dial(server, LAST))).toContain("page");
  await first;
});

test("only so many pages are rendered at once, and clients take turns", async () => {
  const queue = new FairQueue({ running: 1, waiting: 4, milliseconds: 5_000 });
  const order: string[] = [];
  const task = (name: string) => async () => {
    await later(5);
    order.push(name);
  };
  const runs = [
    queue.run("flood", task("flood 1")),
    queue.run("flood", task("flood 2")),
    queue.run("flood", task("flood 3")),
    queue.run("flood", task("flood 4")),
    queue.run("visitor", task("visitor")),
    // Full: the flood loses its newest, and its own next is refused.
    queue.run("other", task("other")),
    queue.run("flood", task("flood 5")),
  ];
  const results = await Promise.allSettled(runs);
  expect(order).toEqual(["flood 1", "flood 2", "visitor", "other", "flood 3"]);
  const refused = results
    .map((result, at) => (result.status === "rejected" ? [at, result.reason] : null))
    .filter(Boolean);
  expect(refused).toEqual([
    [3, expect.any(QueueFull)],
    [6, expect.any(QueueFull)],
  ]);
});

test("whoever waits too long for a turn, or leaves, is not rendered", async () => {
  const queue = new FairQueue({ running: 1, waiting: 10, milliseconds: 50 });
  const gone = new AbortController();
  const rendered: string[] = [];
  const first = queue.run("one", () => later(150));
  const late = queue.run("one", async () => void rendered.push("late"));
  const left = queue.run("two", async () => void rendered.push("left"), gone.signal);
  gone.abort();
  await expect(left).rejects.toThrow();
  await expect(late).rejects.toThrow(QueueFull);
  await first;
  await queue.run("one", async () => void rendered.push("next"));
  expect(rendered).toEqual(["next"]);
});

test("a page beyond the queue of renderings is a 503 that says when to come back", async () => {
  const never = new Promise<never>(() => undefined);
  const queue = new FairQueue({ running: 1, waiting: 1, milliseconds: 50 });
  void queue.run("someone", () => never);
  const pages = { admin: [], storefront: [storefrontPages({} as ServerBuild, { queue })] };
  const server = await serve(frontApp(settings, pages, { log: () => undefined }));
  const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, {
    headers: { Accept: "text/html" },
  });
  expect([answer.status, answer.headers.get("Retry-After")]).toEqual([503, "2"]);
  expect(await answer.text()).toContain("<h1>The shop is busy.</h1>");
});

test.each([
  ["192.0.2.7", "192.0.2.7"],
  ["::ffff:192.0.2.7", "192.0.2.7"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["2001:0db8:1:2::9", "2001:db8:1:2::/64"],
  ["2001:db8::1", "2001:db8:0:0::/64"],
  ["::1", "0:0:0:0::/64"],
  ["fe80::1%eth0", "fe80:0:0:0::/64"],
])("limits of %s are counted for %s", (address, network) => {
  expect(networkOf(address)).toBe(network);
});

function connectionsOf(server: Server): Promise<number> {
  return new Promise((resolve, reject) =>
    server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
  );
}
