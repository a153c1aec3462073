import type { IncomingMessage, ServerResponse } from "node:http";

/** Parts of an address that open what they name, as a password would: a guest's cart, an upload. */
const KEYS = /(\/(?:carts|uploads|entries)\/)[0-9a-f-]{36}\b/gi;
const LONGEST = 500;

/** An address as it may be logged: without the query, which may carry tokens, and without keys in its path. */
export function loggedPath(url: string): string {
  const path = url.split(/[?#]/, 1)[0] ?? "";
  return path.replace(KEYS, "$1:id").slice(0, LONGEST);
}

/** Writes one line of JSON for `request` once it is answered: the same fields as the API's log (backend config/logging.py). */
export function logRequest(
  request: IncomingMessage,
  response: ServerResponse,
  { url, client, write }: { url: string; client: string; write: (line: string) => void },
): void {
  const began = performance.now();
  const path = loggedPath(url);
  response.once("close", () => {
    // 499, as Nginx has it: the client went away before it was answered.
    const status = response.headersSent ? response.statusCode : 499;
    write(
      `${JSON.stringify({
        at: new Date().toISOString(),
        level: status >= 500 ? "error" : "info",
        logger: "noirel.front",
        message: `${request.method} ${path} ${status}`,
        request_id: request.headers["x-request-id"],
        method: request.method,
        path,
        status,
        ms: Math.round((performance.now() - began) * 10) / 10,
        client,
      })}\n`,
    );
  });
}
