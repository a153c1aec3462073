import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";

/** Parts of an address that open what they name, as a password would: a guest's cart, an upload. */
const KEYS = /(\/(?:carts|uploads|entries)\/)[0-9a-f-]{36}\b/gi;
const LONGEST = 500;
const REQUEST_ID = /^[\w.:-]{8,128}$/;

/** The id of a request: the one that came with it, if it can be one, or a new one. */
export function requestIdOf(given: unknown): string {
  return typeof given === "string" && REQUEST_ID.test(given) ? given : randomUUID();
}

/** An address as it may be logged: without the query, which may carry tokens, and without keys in its path. */
export function loggedPath(url: string): string {
  const path = url.split(/[?#]/, 1)[0] ?? "";
  return path.replace(KEYS, "$1:id").slice(0, LONGEST);
}

type Line = { requestId: string; method: string; path: string; status: number; ms: number; client: string };

/** One line of JSON: the same fields as the API's log (backend config/logging.py). */
function lineOf({ requestId, method, path, status, ms, client }: Line): string {
  const line = {
    at: new Date().toISOString(),
    level: status >= 500 ? "error" : "info",
    logger: "noirel.front",
    message: `${method} ${path} ${status}`,
    request_id: requestId,
    method,
    path,
    status,
    ms: Math.round(ms * 10) / 10,
    client,
  };
  return `${JSON.stringify(line)}\n`;
}

/** Writes a line for `request` once it is answered. */
export function logRequest(
  request: IncomingMessage,
  response: ServerResponse,
  { url, client, write }: { url: string; client: string; write: (line: string) => void },
): void {
  const began = performance.now();
  const path = loggedPath(url);
  const method = request.method ?? "-";
  response.once("close", () => {
    // 499, as Nginx has it: the client went away before it was answered.
    const status = response.headersSent ? response.statusCode : 499;
    const requestId = String(request.headers["x-request-id"]);
    write(lineOf({ requestId, method, path, status, ms: performance.now() - began, client }));
  });
}

/** Writes a line for a request that was refused before it became one: its method and address may be unknown. */
export function logRefusal(
  refused: Pick<Line, "requestId" | "status" | "client"> & {
    method: string | undefined;
    url: string | undefined;
    write: (line: string) => void;
  },
): void {
  const { method = "-", url = "-", write, ...line } = refused;
  write(lineOf({ ...line, method, path: loggedPath(url), ms: 0 }));
}
