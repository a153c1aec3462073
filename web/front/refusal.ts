import type { IncomingMessage, ServerResponse } from "node:http";

type Refusal = { code: string; title: string; detail: string };

const REFUSALS: Record<number, Refusal> = {
  400: { code: "malformed", title: "The request is not valid", detail: "The request can't be read." },
  401: { code: "not_authenticated", title: "Not signed in", detail: "Sign in first." },
  403: {
    code: "permission_denied",
    title: "Not allowed",
    detail: "This needs a permission that the request does not have.",
  },
  404: { code: "not_found", title: "Not found", detail: "There is nothing at this address." },
  405: { code: "method_not_allowed", title: "Not possible here", detail: "This address can't be used that way." },
  408: {
    code: "request_timeout",
    title: "The request took too long",
    detail: "The rest of the request did not arrive in time. Send it again.",
  },
  413: { code: "body_too_large", title: "Too large", detail: "The request is larger than we read." },
  417: {
    code: "expectation_failed",
    title: "Not possible here",
    detail: "Of all expectations, only 100-continue is met.",
  },
  429: {
    code: "throttled",
    title: "Too many requests",
    detail: "Too much is being sent from your network at once. Wait a minute and send it again.",
  },
  431: { code: "headers_too_large", title: "Too large", detail: "The request's headers are larger than we read." },
  500: {
    code: "server_error",
    title: "Something broke on our side",
    detail: "It has been noted. Try again in a moment.",
  },
  501: {
    code: "not_implemented",
    title: "Not possible here",
    detail: "Of all transfer codings, only chunked is understood.",
  },
  503: { code: "unavailable", title: "The shop can't be reached", detail: "Try again in a moment." },
};

/** Other words for a refusal than those of its status. */
export type Words = {
  title: string;
  detail: string;
  /** Where the page's link leads to. */
  home?: string;
};

/** The answer to a request that goes no further than the front: a problem (RFC 9457) for programs, a page for people. */
export function refusal(
  status: number,
  { requestId = "", html = false, words = undefined as Words | undefined } = {},
): { type: string; body: string } {
  const { code, title, detail, home } = { home: "/", ...(REFUSALS[status] ?? (REFUSALS[400] as Refusal)), ...words };
  if (html) return { type: "text/html; charset=utf-8", body: page(title, detail, home) };
  const problem = { type: `urn:noirel:problem:${code}`, title, status, detail, code };
  return {
    type: "application/problem+json",
    body: JSON.stringify(requestId ? { ...problem, request_id: requestId } : problem),
  };
}

const page = (title: string, detail: string, home: string) => `<!doctype html>
<html lang="en-IN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title} · NOIR’EL</title>
<style>
:root { color-scheme: light dark; --page: light-dark(#f8f6f0, #110d14); --ink: light-dark(#1a151e, #f3eee6); }
body { margin: 0; min-height: 100svh; display: grid; align-content: center; padding: 2rem clamp(1.25rem, 5vw, 4.5rem);
  background: var(--page); color: var(--ink); font: 1.125rem/1.55 system-ui, sans-serif; }
h1 { font: 300 clamp(2.25rem, 6vw, 4rem)/1.05 Georgia, serif; margin: 0 0 1.25rem; text-wrap: balance; }
p { margin: 0 0 1rem; max-width: 34em; }
a { color: inherit; text-underline-offset: .25em; }
</style>
</head>
<body>
<main>
<h1>${title}.</h1>
<p>${detail}</p>
<p><a href="${home}">Back to the shop</a></p>
</main>
</body>
</html>
`;

/** How long a client that is still sending may take to read its refusal, in milliseconds. */
export const LINGER = 10_000;

/**
 * Answers `request` with a refusal. If its body has not arrived, the connection ends afterwards, but not before the client has
 * had the time to read: closing it with unread bytes resets it, and the answer would be lost.
 */
export function refuse(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  headers: Record<string, string> = {},
  words?: Words,
): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const requestId = String(request.headers["x-request-id"] ?? "");
  const html = !/^\/api\//.test(request.url ?? "") && /\btext\/html\b/.test(request.headers.accept ?? "");
  const { type, body } = refusal(status, { requestId, html, ...(words && { words }) });
  for (const name of response.getHeaderNames())
    if (/^(content-|etag|vary|set-cookie)/.test(name) && name !== "content-security-policy")
      response.removeHeader(name);
  response.setHeader("Content-Type", type);
  response.setHeader("Content-Length", Buffer.byteLength(body));
  response.setHeader("Cache-Control", "no-store");
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  if (request.complete) {
    response.writeHead(status).end(request.method === "HEAD" ? undefined : body);
    return;
  }
  response.setHeader("Connection", "close");
  response.writeHead(status);
  if (request.method !== "HEAD") response.write(body);
  const end = () => {
    clearTimeout(timer);
    response.end();
  };
  const timer = setTimeout(() => {
    end();
    request.destroy();
  }, LINGER);
  request.once("end", end).once("close", end);
  request.resume();
}
