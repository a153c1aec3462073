import type { Settings } from "./settings.ts";

/** Razorpay's own list for a page that opens its window (magento's csp_whitelist.xml; the risk script since 2026). */
const RAZORPAY = {
  script: ["https://checkout.razorpay.com", "https://cdn.razorpay.com"],
  frame: ["https://api.razorpay.com", "https://checkout.razorpay.com"],
  connect: ["https://api.razorpay.com", "https://lumberjack.razorpay.com", "https://lumberjack-metrics.razorpay.com"],
  img: ["https://cdn.razorpay.com", "https://checkout.razorpay.com"],
};

/** The kinds of answers, by how much they may do in a browser. */
export type Kind = "storefront" | "admin" | "docs" | "data" | "media";

/** What passes through the front to the API. */
export const PROXIED = /^\/(?:api|static|sitemaps|feeds)\/|^\/(?:healthz|readyz|robots\.txt|sitemap\.xml)$/;

export function kindOf(path: string): Kind {
  if (/^\/api\/schema\/(?:swagger-ui|redoc)\//.test(path)) return "docs";
  if (PROXIED.test(path)) return "data";
  if (/^\/media(?:\/|$)/.test(path)) return "media";
  return /^\/admin(?:\/|$)/.test(path) ? "admin" : "storefront";
}

type PolicyOptions = {
  /** Sources of the page's inline scripts: `'sha256-…'`. */
  scripts?: string[];
  /** Lets Vite's client and its inline scripts work. */
  dev?: boolean;
};

export function contentSecurityPolicy(
  settings: Settings,
  kind: Kind,
  { scripts = [], dev = false }: PolicyOptions = {},
) {
  const directives = {
    storefront: storefront(settings, scripts, dev),
    admin: admin(settings, dev),
    docs: DOCS,
    data: NOTHING,
    // An SVG that someone uploaded stays a picture even when it is opened as a page.
    media: { ...NOTHING, "style-src": ["'unsafe-inline'"], sandbox: [] },
  }[kind];
  return Object.entries(directives)
    .map(([name, sources]) => [name, ...sources].join(" "))
    .join("; ");
}

const NOTHING = { "default-src": ["'none'"], "frame-ancestors": ["'none'"] };

/** What all pages have in common. */
const PAGE = {
  "default-src": ["'self'"],
  // Style attributes carry a perfume's colours; no stylesheet comes from elsewhere.
  "style-src": ["'self'", "'unsafe-inline'"],
  "font-src": ["'self'"],
  "worker-src": ["'self'"],
  "manifest-src": ["'self'"],
  "object-src": ["'none'"],
  "base-uri": ["'none'"],
  "frame-ancestors": ["'none'"],
};

function storefront(settings: Settings, scripts: string[], dev: boolean) {
  const own = [settings.gatewayOrigin];
  const gateway =
    settings.gatewayOrigin === "https://api.razorpay.com"
      ? RAZORPAY
      : { script: own, frame: own, connect: own, img: own };
  return {
    ...PAGE,
    "script-src": ["'self'", ...(dev ? ["'unsafe-inline'"] : scripts), ...gateway.script],
    "img-src": ["'self'", "data:", "blob:", ...settings.mediaOrigins, ...gateway.img],
    "connect-src": ["'self'", ...gateway.connect, ...(dev ? ["ws:"] : [])],
    "frame-src": gateway.frame,
    "form-action": ["'self'", ...gateway.frame],
  };
}

/** Staff pay nothing here: no origin of the gateway's, and no inline script. */
function admin(settings: Settings, dev: boolean) {
  return {
    ...PAGE,
    "script-src": ["'self'", ...(dev ? ["'unsafe-inline'"] : [])],
    "img-src": ["'self'", "data:", "blob:", ...settings.mediaOrigins],
    // Staff's browsers send pictures straight to the bucket.
    "connect-src": ["'self'", ...settings.mediaOrigins, ...(dev ? ["ws:"] : [])],
    "frame-src": ["'none'"],
    "form-action": ["'self'"],
  };
}

/** Swagger UI and Redoc, whose files are ours; Redoc searches in a worker that it makes itself. */
const DOCS = {
  ...PAGE,
  "img-src": ["'self'", "data:"],
  "worker-src": ["'self'", "blob:"],
  "frame-src": ["'none'"],
  "form-action": ["'none'"],
};

/** The security headers of an answer. Every answer of the front has them, whoever made it; the API's own are replaced. */
export function securityHeaders(settings: Settings, path: string, { dev = false } = {}): Record<string, string> {
  const kind = kindOf(path);
  return {
    "Content-Security-Policy": contentSecurityPolicy(settings, kind, { dev }),
    // Not `same-origin` for the storefront: a bank's page in the payment window's pop-up must be able to answer it.
    "Cross-Origin-Opener-Policy": kind === "storefront" ? "same-origin-allow-popups" : "same-origin",
    // Pictures are shown in mails and by whoever lists our products.
    "Cross-Origin-Resource-Policy": kind === "media" ? "cross-origin" : "same-origin",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "X-Content-Type-Options": "nosniff",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    ...(settings.publicUrl.startsWith("https:") && { "Strict-Transport-Security": "max-age=31536000" }),
  };
}

/** Their names, in lower case. */
export const SECURITY_HEADERS: ReadonlySet<string> = new Set([
  ...["content-security-policy", "cross-origin-opener-policy", "cross-origin-resource-policy", "referrer-policy"],
  ...["x-content-type-options", "permissions-policy", "strict-transport-security", "x-frame-options"],
]);
