import { randomBytes, randomUUID } from "node:crypto";
import { Agent, type ServerResponse } from "node:http";
import path from "node:path";
import compression from "compression";
import express, { type Express, type NextFunction, type Request, type RequestHandler, type Response } from "express";
import { createProxyMiddleware } from "http-proxy-middleware";
import { contentSecurityPolicy, HEADERS } from "./policy.ts";
import type { Settings } from "./settings.ts";

/** What answers pages: built files in production, Vite in development. */
export type Pages = { admin: RequestHandler[]; storefront: RequestHandler[] };

const YEAR = { immutable: true, maxAge: "365d", index: false, redirect: false } as const;
const PROXIED = /^\/(?:api|static|sitemaps|feeds)\/|^\/(?:healthz|readyz|robots\.txt|sitemap\.xml)$/;
const REQUEST_ID = /^[\w.:-]{8,128}$/;

/** The one port: API and its files to Gunicorn, pictures from disk, pages from `pages`. */
export function frontApp(settings: Settings, pages: Pages, { dev = false } = {}): Express {
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag"); // pages are made for each request, and files bring their own
  app.set("trust proxy", settings.trustedProxies);
  app.use(identify(settings.trustedProxies));
  app.use(toApi(settings)); // before compression and headers of ours: the API's answers pass as they are
  if (settings.mediaRoot) {
    const media = express.static(settings.mediaRoot, { ...YEAR, dotfiles: "ignore", setHeaders: asFile });
    app.use("/media", media, (_request, response) => void response.status(404).type("text").send("No such file\n"));
  }
  app.use(compression());
  app.use(secure(settings, dev));
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
        if (request.path.startsWith("/assets/")) return void response.status(404).type("text").send("No such file\n");
        response.sendFile(page, { headers: { "Cache-Control": "no-cache" } });
      },
    ],
    storefront: [express.static(client, { index: false, redirect: false, setHeaders: asBuilt }), render],
  };
}

/** Files under assets/ have a hash of their content in the name; the rest (icons, sw.js) keeps its name. */
function asBuilt(response: ServerResponse, file: string): void {
  const hashed = path.dirname(file).split(path.sep).includes("assets");
  const worker = path.basename(file) === "sw.js";
  response.setHeader(
    "Cache-Control",
    hashed ? "public, max-age=31536000, immutable" : worker ? "no-cache" : "public, max-age=3600",
  );
}

function asFile(response: ServerResponse): void {
  response.setHeader("X-Content-Type-Options", "nosniff");
  // An SVG that someone uploaded stays a picture even when it is opened as a page.
  response.setHeader("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox");
}

/** Every request has an id, ours unless a proxy we trust gave one, and nobody outside speaks for our proxies. */
function identify(trustedProxies: number): RequestHandler {
  return (request, response, next) => {
    const given = request.get("X-Request-ID") ?? "";
    const id = REQUEST_ID.test(given) ? given : randomUUID();
    request.headers["x-request-id"] = id;
    response.setHeader("X-Request-ID", id);
    if (!trustedProxies) {
      for (const name of Object.keys(request.headers))
        if (name.startsWith("x-forwarded-") || name === "forwarded") delete request.headers[name];
    }
    // For the API, whether it is called by the browser or by a page that is rendered here.
    const { protocol, host } = request;
    const before = request.headers["x-forwarded-for"];
    const client = request.socket.remoteAddress?.replace(/^::ffff:/, "") ?? "";
    request.headers["x-forwarded-for"] = before ? `${before}, ${client}` : client;
    request.headers["x-forwarded-proto"] = protocol;
    request.headers["x-forwarded-host"] = host ?? "";
    next();
  };
}

function toApi(settings: Settings): RequestHandler {
  const proxy = createProxyMiddleware<Request, Response>({
    target: settings.apiOrigin,
    changeOrigin: false,
    // Idle connections end here well before the API's 75 s, so that none is reused as it closes.
    agent: new Agent({ keepAlive: true, maxSockets: 256, timeout: 60_000 }),
    proxyTimeout: 60_000,
    on: {
      proxyRes: (_incoming, _request, response) => response.removeHeader("X-Request-ID"), // the API repeats it
      error: (_error, request, response) => {
        if (!("headersSent" in response) || response.headersSent) return void response.destroy();
        const id = request.get("X-Request-ID");
        response.status(503).set({ "Retry-After": "2", "Cache-Control": "no-store" }).type("application/problem+json");
        response.send(
          JSON.stringify({
            type: "about:blank",
            title: "The shop's API can't be reached",
            status: 503,
            code: "unavailable",
            detail: "Try again in a moment.",
            request_id: id,
          }),
        );
      },
    },
  });
  return (request, response, next) => (PROXIED.test(request.path) ? proxy(request, response, next) : next());
}

function secure(settings: Settings, dev: boolean): RequestHandler {
  const https = settings.publicUrl.startsWith("https:");
  return (request, response, next) => {
    const nonce = randomBytes(16).toString("base64");
    // What a client sent under that name is gone. In development inline scripts need no nonce, and React Router's critical
    // stylesheet with one on the server and none in the browser is a hydration error.
    if (dev) delete request.headers["x-csp-nonce"];
    else request.headers["x-csp-nonce"] = nonce;
    response.set(HEADERS);
    if (https) response.set("Strict-Transport-Security", "max-age=31536000");
    response.set("Content-Security-Policy", contentSecurityPolicy(settings, nonce, { dev }));
    next();
  };
}

function failed(error: Error & { status?: number }, request: Request, response: Response, next: NextFunction): void {
  if (response.headersSent) {
    next(error);
    return;
  }
  const status = error.status && error.status < 500 ? error.status : 500;
  if (status === 500) console.error(`${request.get("X-Request-ID")} ${request.method} ${request.path}`, error);
  response
    .status(status)
    .type("text")
    .set("Cache-Control", "no-store")
    .send("Something went wrong. Please try again.\n");
}
