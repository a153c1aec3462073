import { Agent, request as call, type IncomingMessage } from "node:http";
import { pipeline } from "node:stream";
import type { Request, RequestHandler } from "express";
import type { Body } from "./body.ts";
import { refuse } from "./refusal.ts";

/** How long the API may take to begin its answer, and between two parts of it, in milliseconds. */
const DEADLINE = 60_000;

/** Of one connection and not of the message (RFC 9110, 7.6.1); `expect` was answered here. */
const HOP_BY_HOP = new Set([
  ...["connection", "keep-alive", "proxy-connection", "proxy-authenticate", "proxy-authorization", "te", "trailer"],
  ...["transfer-encoding", "upgrade", "expect"],
]);

type Options = {
  origin: string;
  deadline?: number;
  /** Headers that the front sets on every answer itself. */
  own: ReadonlySet<string>;
};

/** Passes requests on to the API, whose body, if they have one, was read before (`request.body`). */
export function toUpstream({ origin, deadline = DEADLINE, own }: Options): RequestHandler {
  const { hostname, port } = new URL(origin);
  // Idle connections end here well before the API's 75 s, so that none is reused as it closes.
  const agent = new Agent({ keepAlive: true, maxSockets: 256, timeout: Math.min(deadline, 60_000) });

  return (request: Request, response) => {
    const body = request.body as Body | undefined;
    const outgoing = call({
      agent,
      hostname: hostname.replace(/^\[|\]$/g, ""),
      port,
      method: request.method,
      path: request.originalUrl,
      headers: requestHeaders(request, body),
      setHost: false,
    });
    let answer: IncomingMessage | null = null;
    // Also while it waits for one of the agent's connections.
    const timer = setTimeout(() => outgoing.destroy(), deadline);
    outgoing.on("timeout", () => outgoing.destroy());
    outgoing.once("response", (incoming) => {
      answer = incoming;
      clearTimeout(timer);
      response.statusCode = incoming.statusCode ?? 502;
      for (const [name, value] of Object.entries(incoming.headers))
        if (value !== undefined && !HOP_BY_HOP.has(name) && !own.has(name)) response.setHeader(name, value);
      // An answer that breaks off breaks off for the client as well: it must not look whole.
      pipeline(incoming, response, () => outgoing.destroy());
    });
    outgoing.on("error", () => {
      clearTimeout(timer);
      // An API that has answered before it read the whole body (413) may reset what is still being sent: the answer counts.
      if (!answer) refuse(request, response, 503, { "Retry-After": "2" });
    });
    response.once("close", () => {
      clearTimeout(timer);
      if (!answer?.complete) outgoing.destroy();
    });
    if (!body) return void outgoing.end();
    const sent = body.stream();
    sent.once("error", () => outgoing.destroy());
    sent.pipe(outgoing);
  };
}

function requestHeaders(request: Request, body: Body | undefined) {
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(request.headers))
    if (value !== undefined && !HOP_BY_HOP.has(name)) headers[name] = value;
  if (body) headers["content-length"] = String(body.size);
  return headers;
}
