import type { ServerResponse } from "node:http";
import path from "node:path";
import compression from "compression";
import express, { type Express, type NextFunction, type Request, type RequestHandler, type Response } from "express";
import { networkOf, plainAddress } from "./addresses.ts";
import { type Allowance, BodyReader, BodyRefused, hasBody } from "./body.ts";
import { isAllowedHost } from "./hosts.ts";
import { logRequest, requestIdOf } from "./log.ts";
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

/** Bytes of a request body, but for what is named below. */
const MOST = 1024 * 1024;
/** How long the API may take to say whether a large body is wanted, in milliseconds. */
const PERMISSION_DEADLINE = 10_000;

type LargeBody = {
  path: RegExp;
  most: number;
  /** What a request must carry for more than MOST of its body to be read. */
  credential?: { status: 401 | 403; isIn: (request: Request) => boolean };
  /** Where the API is asked, with the same token, whether such a request may be made at all. */
  permittedBy?: string;
};

/** What takes more, as the API does: backend, `max_body_bytes`. */
const largeBodies = ({ uploadBytes }: Settings): LargeBody[] => [
  {
    path: /^\/api\/v1\/admin\/imports$/,
    most: 256 * 1024 * 1024 + 64 * 1024,
    credential: { status: 401, isIn: (request) => /^Bearer \S/i.test(request.get("Authorization") ?? "") },
    permittedBy: "/api/v1/admin/imports?limit=1",
  },
  {
    path: /^\/api\/v1\/media\/uploads\/[^/]+$/,
    most: uploadBytes + 1024 * 1024,
    credential: { status: 403, isIn: (request) => /[?&]ticket=[^&]/.test(request.originalUrl) },
  },
  { path: /^\/api\/v1\/webhooks\/[^/]+$/, most: 16 * 1024 * 1024 },
];

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
    const status = unreadable(request);
    status ? refuse(request, response, status) : next();
  });
  app.use(knownHost(settings));
  app.use(readBody(bodies, largeBodies(settings), settings.apiOrigin));
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
  // From here on a HEAD is a GET whose content Node does not send: its headers are those of the GET, compression included.
  app.use((request, _response, next) => {
    if (request.method === "HEAD") request.method = "GET";
    next();
  });
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

/** The status that refuses a request which would be another one, or end elsewhere, to whoever reads it next; 0 if it is fine. */
function unreadable(request: Request): number {
  const values = (name: string) =>
    request.rawHeaders.filter((_, at) => request.rawHeaders[at - 1]?.toLowerCase() === name && at % 2);
  const hosts = values("host");
  const codings = values("transfer-encoding");
  // An absolute address or `*`; no Host, or a second one.
  if (!request.originalUrl.startsWith("/") || hosts.length > 1) return 400;
  if (!hosts[0] && request.httpVersion !== "1.0") return 400;
  if (request.headers.expect && request.headers.expect.toLowerCase() !== "100-continue") return 417;
  if (codings.length > 1 || (codings.length && request.httpVersion === "1.0")) return 400;
  return codings.length && codings[0]?.trim().toLowerCase() !== "chunked" ? 501 : 0;
}

/** Refuses what was sent to a name that isn't the shop's, as the API does. Its health is told under every name. */
function knownHost(settings: Settings): RequestHandler {
  const words = {
    title: "The shop is not at this address",
    detail: `It is at ${new URL(settings.publicUrl).host}.`,
    home: `${settings.publicUrl}/`,
  };
  return (request, response, next) => {
    const isHealth = request.path === "/healthz" || request.path === "/readyz";
    if (isHealth || isAllowedHost(request.host, settings.allowedHosts)) return next();
    refuse(request, response, 400, {}, words);
  };
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
 * Every request has an id, ours unless it brought one, and nobody outside speaks for our proxies. Its address and id go on to the
 * API, whether it is called by the browser or by a page that is rendered here, and to the log.
 */
function identify(trustedProxies: number, write: (line: string) => void): RequestHandler {
  return (request, response, next) => {
    const id = requestIdOf(request.get("X-Request-ID"));
    request.headers["x-request-id"] = id;
    response.setHeader("X-Request-ID", id);
    if (!trustedProxies) {
      for (const name of Object.keys(request.headers))
        if (name.startsWith("x-forwarded-") || name === "forwarded") delete request.headers[name];
    }
    const { protocol, host } = request;
    const client = plainAddress(request.ip);
    // Express would read it anew, from what we write for the API below: there the client is one proxy further away.
    Object.defineProperty(request, "ip", { value: client });
    logRequest(request, response, { url: request.originalUrl, client, write });
    const before = request.headers["x-forwarded-for"];
    const neighbour = plainAddress(request.socket.remoteAddress);
    request.headers["x-forwarded-for"] = before ? `${before}, ${neighbour}` : neighbour;
    request.headers["x-forwarded-proto"] = protocol;
    request.headers["x-forwarded-host"] = host ?? "";
    next();
  };
}

/** A request goes on once its whole body is here, in `request.body`. */
function readBody(bodies: BodyReader, larger: LargeBody[], apiOrigin: string): RequestHandler {
  const allowance = async (request: Request): Promise<Allowance> => {
    const client = networkOf(request.ip);
    const large = request.method === "POST" && larger.find(({ path }) => path.test(request.path));
    if (!large) return { most: MOST, client };
    const { most, credential, permittedBy } = large;
    if (credential && !credential.isIn(request)) return { most: MOST, tooLarge: credential.status, client };
    const isLarge = !(Number(request.headers["content-length"]) <= MOST); // or its length is not known
    if (permittedBy && isLarge) await askPermission(request, apiOrigin + permittedBy);
    return { most, client };
  };
  return async (request, response, next) => {
    if (!hasBody(request)) return next();
    try {
      const body = await bodies.read(request, await allowance(request));
      response.once("close", () => body.close());
      request.body = body;
    } catch (error) {
      if (!(error instanceof BodyRefused)) return next(error);
      if (error.status === 0) return void response.destroy();
      return refuse(request, response, error.status, HEADERS_OF_REFUSED_BODY[error.status]);
    }
    next();
  };
}

/** Has the API look at the token of `request` before its body takes space on disk. Throws BodyRefused. */
async function askPermission(request: Request, url: string): Promise<void> {
  const headers = new Headers();
  for (const name of ["authorization", "x-request-id", "x-forwarded-for", "x-forwarded-proto"])
    headers.set(name, String(request.headers[name] ?? ""));
  const status = await fetch(url, { headers, signal: AbortSignal.timeout(PERMISSION_DEADLINE) }).then(
    async (answer) => {
      await answer.body?.cancel();
      return answer.status;
    },
    () => 503,
  );
  if (status !== 200) throw new BodyRefused(status === 401 || status === 403 || status === 429 ? status : 503);
}

const HEADERS_OF_REFUSED_BODY: Record<number, Record<string, string>> = {
  401: { "WWW-Authenticate": 'Bearer realm="api"' },
  429: { "Retry-After": "60" },
  503: { "Retry-After": "60" },
};

function failed(error: Error & { status?: number }, request: Request, response: Response, next: NextFunction): void {
  if (response.headersSent) {
    next(error);
    return;
  }
  const status = error.status && error.status >= 400 && error.status < 500 ? (error.status === 404 ? 404 : 400) : 500;
  if (status === 500) console.error(`${request.get("X-Request-ID")} ${request.method} ${kindOf(request.path)}`, error);
  refuse(request, response, status);
}
