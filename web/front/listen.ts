import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerOptions,
  STATUS_CODES,
} from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { plainAddress } from "./addresses.ts";
import { CONNECTION_LIMITS, type ConnectionLimits, Connections } from "./connections.ts";
import { logRefusal, requestIdOf } from "./log.ts";
import { securityHeaders } from "./policy.ts";
import { LINGER, refusal } from "./refusal.ts";
import type { Settings } from "./settings.ts";

const SERVER: ServerOptions = {
  keepAliveTimeout: 75_000,
  // For the head of a request; its body has a deadline of its own, which grows with what arrives (body.ts).
  headersTimeout: 20_000,
  requestTimeout: 0,
  connectionsCheckingInterval: 5_000,
  // Node would refuse a request without Host with none of our headers: app.ts does it.
  requireHostHeader: false,
};

type Options = {
  limits?: ConnectionLimits;
  /** Where the lines of the request log go. */
  log?: (line: string) => void;
};

/** Makes the server for `answer`. What can't be read as HTTP is refused and logged like everything else. */
export function serverFor(settings: Settings, answer: RequestListener, options: Options = {}): Server {
  const { limits = CONNECTION_LIMITS, log = (line) => void process.stdout.write(line) } = options;
  const server = createServer(SERVER);
  const connections = new Connections(limits);

  const refuse = (socket: Duplex, status: number, { method, url, headers }: Partial<IncomingMessage> = {}) => {
    const current = connections.currentOf(socket);
    // In the middle of a response, or behind one that is complete and not yet read, it would be taken for a part of that.
    if (!socket.writable || current?.headersSent) return void socket.destroy();
    const requestId = requestIdOf(headers?.["x-request-id"]);
    const client = plainAddress((socket as Socket).remoteAddress);
    logRefusal({ requestId, status, method, url, client, write: log });
    const { type, body } = refusal(status, { requestId });
    const lines = Object.entries({
      ...securityHeaders(settings, "/api/"),
      "X-Request-ID": requestId,
      "Cache-Control": "no-store",
      "Content-Type": type,
      "Content-Length": Buffer.byteLength(body),
      ...(status === 405 && { Allow: "GET, HEAD, POST" }),
      ...(status === 503 && { "Retry-After": "2" }),
      Connection: "close",
    }).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join("")}\r\n${body}`);
    if (status === 503) return (socket as Socket).destroySoon(); // what follows would be parsed, and kept until the end
    // Whoever doesn't close, or goes on sending, has the time to read it and no more.
    socket.resume();
    setTimeout(() => socket.destroy(), LINGER).unref();
  };

  const listener = connections.oneAtATime(answer, (socket, request) => refuse(socket, 503, request));
  server.on("connection", (socket: Socket) => connections.add(socket));
  server.on("request", listener);
  server.on("checkExpectation", listener); // 417, by app.ts
  server.on("connect", (request: IncomingMessage, socket: Duplex) => {
    socket.on("error", () => socket.destroy());
    refuse(socket, 405, request);
  });
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Duplex) => {
    if (error.code === "ECONNRESET") return void socket.destroy();
    refuse(socket, { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 }[error.code ?? ""] ?? 400);
  });
  server.setTimeout(limits.stalled, (socket) => connections.timedOut(socket));
  return server;
}

/** One server for each address; the second loopback address may be missing on a machine. */
export async function listen(settings: Settings, answer: RequestListener): Promise<Server[]> {
  const servers: Server[] = [];
  for (const host of settings.hosts) {
    const server = serverFor(settings, answer);
    try {
      await new Promise<void>((resolve, reject) => {
        server.once("error", reject);
        server.listen({ port: settings.port, host, backlog: 1024 }, resolve);
      });
      servers.push(server);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === "EADDRINUSE") throw new Error(`Port ${settings.port} is taken: set PORT to a free one.`);
      if (!servers.length || !["EADDRNOTAVAIL", "EAFNOSUPPORT"].includes(code ?? "")) throw error;
    }
  }
  return servers;
}

/** Longer than the slowest checkout, shorter than a service manager's patience (deploy/systemd/noirel-front.service). */
const DRAIN_MS = 20_000;

/** On SIGTERM or SIGINT takes no more requests, finishes those under way, and ends after DRAIN_MS at the latest. */
export function stopOnSignal(servers: Server[], alsoClose: () => Promise<void> = async () => {}): void {
  const stop = () => {
    const closed = servers.map((server) => new Promise((done) => server.close(done)));
    // A connection whose answer was sent stays open for a next request: again and again until none is left.
    const closeIdle = () => {
      for (const server of servers) server.closeIdleConnections();
    };
    closeIdle();
    setInterval(closeIdle, 50).unref();
    setTimeout(() => process.exit(0), DRAIN_MS).unref();
    Promise.all([...closed, alsoClose()]).then(() => process.exit(0));
  };
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
}
