import { randomUUID } from "node:crypto";
import type { ServerResponse } from "node:http";
import path from "node:path";
import compression from "compression";
import express, { type Express, type NextFunction, type Request, type RequestHandler, type Response } from "express";
import { BodyReader, BodyRefused, hasBody } from "./body.ts";
import { logRequest } from "./log.ts";
import { kindOf, PROXIED, SECURITY_HEADERS, securityHeaders } from "./policy.ts";
import { refuse } from "./refusal.ts";
import type { Settings } from "./settings.ts";
import { toUpstream } from "./upstream.ts";

/** What answers pages: built files in production, Vite in development. */
export type Pages = { admin: RequestHandler[]; storefront: RequestHandler[] };

type Options = {
  dev?: boolean;
  /** Where the lines of the request log go. */
  log?: (line: string) => void;
  bodies?: BodyReader;
  /** How long the API may take to begin its answer, in milliseconds. */
  apiDeadline?: number;
};

const YEAR = { immutable: true, maxAge: "365d", index: false, redirect: false } as const;
const REQUEST_ID = /^[\w.:-]{8,128}$/;

/** Bytes of a request body: what files are sent to, and everything else. The API has its exact limits by address. */
const MOST = 1024 * 1024;
const MOST_OF_FILES = 257 * 1024 * 1024;
const TAKES_FILES = /^\/api\/v1\/(?:media\/uploads|admin\/imports|webhooks)(?:\/|$)/;

/** The one port: API and its files to Gunicorn, pictures from disk, pages from `pages`. */
export function frontApp(settings: Settings, pages: Pages, options: Options = {}): Express {
  const { dev = false, log = (line) => void process.stdout.write(line), bodies = new BodyReader() } = options;
  const app = express();
  app.disable("x-powered-by");
  // One spelling of an address, by which its kind is told (policy.ts): /MEDIA/ would have another policy than /media/.
  app.enable("case sensitive routing");
  app.disable("etag"); // pages are made for each request, and files bring their own
  app.set("trust proxy", settings.trustedProxies);
  app.use(identify(settings.trustedProxies, log));
  app.use((request, response, next) => {
    response.set(securityHeaders(settings, request.path, { dev }));
    // An absolute address, `*` or a second Host would be another address to whoever reads it next.
    request.originalUrl.startsWith("/") && hostsOf(request) < 2 ? next() : refuse(request, response, 400);
  });
  app.use(readBody(bodies));
  // Before compression: the API's answers pass as they are.
  const api = toUpstream({
    origin: settings.apiOrigin,
    own: new Set([...SECURITY_HEADERS, "x-request-id"]),
    ...(options.apiDeadline && { deadline: options.apiDeadline }),
  });
  app.use((request, response, next) => (PROXIED.test(request.path) ? api(request, response, next) : next()));
  if (settings.mediaRoot) {
    const media = express.static(settings.mediaRoot, { ...YEAR, dotfiles: "ignore" });
    app.use("/media", media, noSuchFile);
  }
  app.use(compression());
  for (const answer of pages.admin) app.use("/admin", answer);
  for (const answer of pages.storefront) app.use(answer);
  app.use(failed);
  return app;
}

/** Built files, with a page for addresses that are none. */
export function builtPages(web: string, render: RequestHandler): Pages {
  const admin = path.join(web, "admin/dist");
  const client = path.join(web, "storefront/build/client");
  const page = path.join(admin, "index.html");
  return {
    admin: [
      express.static(path.join(admin), { index: false, redirect: false, setHeaders: asBuilt }),
      (request, response, next) => {
        if (request.method !== "GET" && request.method !== "HEAD") return next();
        if (request.path.startsWith("/assets/")) return noSuchFile(request, response);
        response.sendFile(page, { headers: { "Cache-Control": "no-cache" } });
      },
    ],
    storefront: [express.static(client, { index: false, redirect: false, setHeaders: asBuilt }), render],
  };
}

/** Not kept by anyone: the file may be there after the next release, or the next upload. */
function noSuchFile(_request: Request, response: Response): void {
  response.status(404).set("Cache-Control", "no-store").type("text").send("No such file\n");
}

/** How many Host headers a request has. Node keeps the first, another server may keep the last. */
function hostsOf({ rawHeaders }: Request): number {
  return rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === "host").length;
}

/** Files under assets/ have a hash of their content in the name; the rest (icons, sw.js) keeps its name. */
function asBuilt(response: ServerResponse, file: string): void {
  const hashed = path.dirname(file).split(path.sep).includes("assets");
  const asked = ["sw.js", "index.html"].includes(path.basename(file));
  response.setHeader(
    "Cache-Control",
    hashed ? "public, max-age=31536000, immutable" : asked ? "no-cache" : "public, max-age=3600",
  );
}

/**
 * Every request has an id, ours unless a proxy we trust gave one, and nobody outside speaks for our proxies. Its address and id
 * go on to the API, whether it is called by the browser or by a page that is rendered here, and to the log.
 */
function identify(trustedProxies: number, write: (line: string) => void): RequestHandler {
  return (request, response, next) => {
    const given = request.get("X-Request-ID") ?? "";
    const id = REQUEST_ID.test(given) ? given : randomUUID();
    request.headers["x-request-id"] = id;
    response.setHeader("X-Request-ID", id);
    if (!trustedProxies) {
      for (const name of Object.keys(request.headers))
        if (name.startsWith("x-forwarded-") || name === "forwarded") delete request.headers[name];
    }
    const { protocol, host } = request;
    logRequest(request, response, { url: request.originalUrl, client: plain(request.ip), write });
    const before = request.headers["x-forwarded-for"];
    const neighbour = plain(request.socket.remoteAddress);
    request.headers["x-forwarded-for"] = before ? `${before}, ${neighbour}` : neighbour;
    request.headers["x-forwarded-proto"] = protocol;
    request.headers["x-forwarded-host"] = host ?? "";
    next();
  };
}

/** An IPv4 address that arrived on an IPv6 socket, as IPv4. */
const plain = (address = "") => address.replace(/^::ffff:/, "");

/** A request goes on once its whole body is here, in `request.body`. */
function readBody(bodies: BodyReader): RequestHandler {
  return async (request, response, next) => {
    if (!hasBody(request)) return next();
    try {
      const body = await bodies.read(request, TAKES_FILES.test(request.path) ? MOST_OF_FILES : MOST);
      response.once("close", () => body.close());
      request.body = body;
    } catch (error) {
      if (!(error instanceof BodyRefused)) return next(error);
      if (error.status === 0) return void response.destroy();
      return refuse(request, response, error.status, error.status === 503 ? { "Retry-After": "60" } : {});
    }
    next();
  };
}

function failed(error: Error & { status?: number }, request: Request, response: Response, next: NextFunction): void {
  if (response.headersSent) {
    next(error);
    return;
  }
  const status = error.status && error.status >= 400 && error.status < 500 ? (error.status === 404 ? 404 : 400) : 500;
  if (status === 500) console.error(`${request.get("X-Request-ID")} ${request.method} ${kindOf(request.path)}`, error);
  refuse(request, response, status);
}
