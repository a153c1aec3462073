import type { Settings } from "./settings.ts";

/** Razorpay's own list for a page that opens its window (magento's csp_whitelist.xml; the risk script since 2026). */
const RAZORPAY = {
  script: ["https://checkout.razorpay.com", "https://cdn.razorpay.com"],
  frame: ["https://api.razorpay.com", "https://checkout.razorpay.com"],
  connect: ["https://api.razorpay.com", "https://lumberjack.razorpay.com", "https://lumberjack-metrics.razorpay.com"],
  img: ["https://cdn.razorpay.com", "https://checkout.razorpay.com"],
};

/** The content security policy of a page whose own inline scripts carry nonce; dev lets Vite's client work. */
export function contentSecurityPolicy(settings: Settings, nonce: string, { dev = false } = {}): string {
  const gateway =
    settings.gatewayOrigin === "https://api.razorpay.com"
      ? RAZORPAY
      : {
          script: [settings.gatewayOrigin],
          frame: [settings.gatewayOrigin],
          connect: [settings.gatewayOrigin],
          img: [settings.gatewayOrigin],
        };
  const directives: Record<string, string[]> = {
    "default-src": ["'self'"],
    // Vite writes inline scripts of its own into the admin's page, without a nonce.
    "script-src": ["'self'", dev ? "'unsafe-inline'" : `'nonce-${nonce}'`, ...gateway.script],
    // Style attributes carry a perfume's colours; no stylesheet comes from elsewhere.
    "style-src": ["'self'", "'unsafe-inline'"],
    "img-src": ["'self'", "data:", "blob:", ...settings.mediaOrigins, ...gateway.img],
    "font-src": ["'self'"],
    // Staff's browsers send pictures straight to the bucket.
    "connect-src": ["'self'", ...settings.mediaOrigins, ...gateway.connect, ...(dev ? ["ws:"] : [])],
    "frame-src": gateway.frame,
    "form-action": ["'self'", ...gateway.frame],
    "worker-src": ["'self'"],
    "manifest-src": ["'self'"],
    "object-src": ["'none'"],
    "base-uri": ["'none'"],
    "frame-ancestors": ["'none'"],
  };
  return Object.entries(directives)
    .map(([name, sources]) => `${name} ${sources.join(" ")}`)
    .join("; ");
}

/** Headers of every answer that is ours. */
export const HEADERS = {
  // Not `same-origin`: a bank's page in the payment window's pop-up must be able to answer it.
  "Cross-Origin-Opener-Policy": "same-origin-allow-popups",
  "Referrer-Policy": "strict-origin-when-cross-origin",
  "X-Content-Type-Options": "nosniff",
  "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
};
