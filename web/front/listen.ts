import { createServer, type RequestListener, type Server } from "node:http";
import type { Settings } from "./settings.ts";

/** One server for each address; the second loopback address may be missing on a machine. */
export async function listen(settings: Settings, answer: RequestListener): Promise<Server[]> {
  const servers: Server[] = [];
  for (const host of settings.hosts) {
    const server = createServer({ keepAliveTimeout: 75_000 }, answer);
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
