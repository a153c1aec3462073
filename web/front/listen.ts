import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerOptions,
  type ServerResponse,
  STATUS_CODES,
} from "node:http";
import type { Duplex } from "node:stream";
import { securityHeaders } from "./policy.ts";
import { refusal, refuse } from "./refusal.ts";
import type { Settings } from "./settings.ts";

const SERVER: ServerOptions = {
  keepAliveTimeout: 75_000,
  // For the head of a request; its body has a deadline of its own, which grows with what arrives (body.ts).
  headersTimeout: 20_000,
  requestTimeout: 0,
  connectionsCheckingInterval: 5_000,
};

/** Makes the server for `answer`. What can't be read as HTTP is refused like everything else. */
export function serverFor(settings: Settings, answer?: RequestListener): Server {
  const server = createServer(SERVER, answer);
  // Node would answer it with an empty page that has none of our headers.
  server.on("checkExpectation", (request: IncomingMessage, response: ServerResponse) => {
    for (const [name, value] of Object.entries(securityHeaders(settings, "/api/"))) response.setHeader(name, value);
    refuse(request, response, 417);
  });
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Duplex) => {
    if (error.code === "ECONNRESET" || !socket.writable) return void socket.destroy();
    const status = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 }[error.code ?? ""] ?? 400;
    const { type, body } = refusal(status);
    const headers = {
      ...securityHeaders(settings, "/api/"),
      "Cache-Control": "no-store",
      "Content-Type": type,
      "Content-Length": Buffer.byteLength(body),
      Connection: "close",
    };
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join("")}\r\n${body}`);
  });
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

/** On SIGTERM or SIGINT take no more requests, finish those begun, and end within a second and a half. */
export function stopOnSignal(servers: Server[], alsoClose: () => Promise<void> = async () => {}): void {
  const stop = () => {
    const closed = servers.map((server) => new Promise((done) => server.close(done)));
    for (const server of servers) server.closeIdleConnections();
    setTimeout(() => process.exit(0), 1500).unref();
    Promise.all([...closed, alsoClose()]).then(() => process.exit(0));
  };
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
}
