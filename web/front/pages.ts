import { createHash, randomBytes } from "node:crypto";
import type { Request as Incoming, RequestHandler } from "express";
import { createRequestHandler, type ServerBuild } from "react-router";
import { networkOf } from "./addresses.ts";
import type { Body } from "./body.ts";
import { FairQueue, QueueFull } from "./fair-queue.ts";
import { refuse } from "./refusal.ts";

/** The header that hands a nonce to the storefront (storefront/app/nonce.ts). It never leaves this process. */
const NONCE_HEADER = "X-CSP-Nonce";
const METHODS = new Set(["GET", "HEAD", "POST"]);
const HOST = /^(?:[\w-]+(?:\.[\w-]+)*|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i;

type Options = {
  /** Sets the page's content security policy, given the sources of its inline scripts. */
  policy?: (response: { setHeader(name: string, value: string): unknown }, scripts: string[]) => void;
  /** Pages may have any inline script: Vite writes some of its own. */
  dev?: boolean;
  /** The address shoppers use. */
  publicUrl?: string;
  /** Where renderings wait for their turn. */
  queue?: FairQueue;
};

/** One core renders all pages: more at once would only take longer, and memory. */
const renderings = () => new FairQueue({ running: 16, waiting: 512, milliseconds: 10_000 });

const BUSY = { title: "The shop is busy", detail: "Many pages are being asked for. Try again in a moment." };

const CROSS_SITE = {
  title: "This form came from another site",
  detail: "Nothing was changed. Open the page in the shop and fill in the form there.",
};

/**
 * The storefront's pages, rendered by React Router.
 *
 * A page that a shared cache may keep must not carry a nonce, which would be the same for everyone the cache serves. So the
 * inline scripts of a page are named in its policy by the hashes of their text. Hashed are only those that were rendered with
 * this request's nonce, which is then taken out: a script that got into the page in another way stays without a hash, and
 * does not run.
 */
export function storefrontPages(
  build: ServerBuild | (() => Promise<ServerBuild>),
  { policy, dev = false, publicUrl = "", queue = renderings() }: Options,
): RequestHandler {
  const handle = createRequestHandler(build, dev ? "development" : "production");
  return async (request, response, next) => {
    if (!METHODS.has(request.method)) return refuse(request, response, 405, { Allow: "GET, HEAD, POST" });
    const url = addressOf(request, publicUrl);
    if (!url) return refuse(request, response, 400);
    if (request.method === "POST" && isCrossSite(request, url)) return refuse(request, response, 400, {}, CROSS_SITE);
    const nonce = randomBytes(16).toString("hex");
    const gone = new AbortController();
    response.once("close", () => gone.abort());
    try {
      const headers = headersOf(request);
      if (dev) headers.delete(NONCE_HEADER);
      else headers.set(NONCE_HEADER, nonce);
      const body = request.body as Body | undefined;
      const render = async () => {
        const answer = await handle(
          new Request(url, {
            method: request.method,
            headers,
            signal: gone.signal,
            ...(request.method === "POST" && { body: body ? await bytesOf(body) : "" }),
          }),
        );
        return { answer, content: Buffer.from(await answer.arrayBuffer()) };
      };
      const { answer, content } = await queue.run(networkOf(request.ip), render, gone.signal);
      if (response.destroyed) return;
      response.status(answer.status);
      for (const [name, value] of answer.headers) response.append(name, value);
      // Whoever wants a page to be kept says so.
      if (!answer.headers.has("Cache-Control")) response.setHeader("Cache-Control", "no-store");
      // The router's last resort has no body: its page is ours.
      if (answer.status >= 500 && content.length === 0) return refuse(request, response, answer.status);
      if (dev || !answer.headers.get("Content-Type")?.startsWith("text/html")) return void response.end(content);
      const { html, scripts } = withHashes(content.toString(), nonce);
      policy?.(response, scripts);
      response.end(html);
    } catch (error) {
      if (response.destroyed) return;
      if (error instanceof QueueFull) return refuse(request, response, 503, { "Retry-After": "2" }, BUSY);
      next(error);
    }
  };
}

/** `html` without `nonce`, and the sources (`'sha256-…'`) of the inline scripts that had it. */
export function withHashes(html: string, nonce: string): { html: string; scripts: string[] } {
  const scripts = new Set<string>();
  const marked = new RegExp(`<script\\b([^>]*) nonce="${nonce}"([^>]*)>([\\s\\S]*?)</script>`, "g");
  for (const [, before = "", after = "", code = ""] of html.matchAll(marked))
    if (!/\ssrc=/.test(before + after)) scripts.add(`'sha256-${createHash("sha256").update(code).digest("base64")}'`);
  return { html: html.replaceAll(` nonce="${nonce}"`, ""), scripts: [...scripts] };
}

/**
 * The address as the browser has it; null if it, or the host, can't be one. Under the shop's own name it is the public address:
 * a proxy that ends https before us, and that we were not told of, says nothing about it.
 */
function addressOf(request: Incoming, publicUrl: string): string | null {
  const host = request.host || "localhost";
  if (!HOST.test(host) || !request.originalUrl.startsWith("/")) return null;
  try {
    const isPublic = publicUrl && host.toLowerCase() === new URL(publicUrl).host;
    const url = new URL((isPublic ? publicUrl : `${request.protocol}://${host}`) + request.originalUrl);
    decodeURIComponent(url.pathname);
    return url.href;
  } catch {
    return null;
  }
}

/** Whether a form was sent by a page of another site. Clients that aren't browsers send no Origin. */
function isCrossSite(request: Incoming, url: string): boolean {
  const origin = request.get("Origin");
  return origin !== undefined && origin !== new URL(url).origin;
}

function headersOf(request: Incoming): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers))
    for (const one of Array.isArray(value) ? value : [value ?? ""]) headers.append(name, one);
  return headers;
}

async function bytesOf(body: Body): Promise<Buffer<ArrayBuffer>> {
  const chunks: Buffer[] = [];
  for await (const chunk of body.stream()) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
