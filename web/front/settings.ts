/** What the front is told by its environment. */
export type Settings = {
  /** Addresses to listen on. */
  hosts: string[];
  port: number;
  apiOrigin: string;
  /** Where the shop's pictures are, if they are files here. */
  mediaRoot: string;
  publicUrl: string;
  gatewayOrigin: string;
  /** Other origins that pictures come from: a media bucket, a CDN. */
  mediaOrigins: string[];
  /** How many proxies before us write X-Forwarded-*: 0 believes nobody. */
  trustedProxies: number;
};

/** Throws with the name of what is wrong. */
export function settingsFrom(environment: NodeJS.ProcessEnv): Settings {
  const port = Number(environment.PORT || 8000);
  if (!Number.isInteger(port) || port < 1 || port > 65535) throw new Error(`PORT is ${environment.PORT}: not a port`);
  const trustedProxies = Number(environment.TRUST_PROXY || 0);
  if (!Number.isInteger(trustedProxies) || trustedProxies < 0)
    throw new Error(`TRUST_PROXY is ${environment.TRUST_PROXY}: the number of proxies before the front`);
  return {
    hosts: environment.HOST ? [environment.HOST] : ["127.0.0.1", "::1"],
    port,
    apiOrigin: origin("API_ORIGIN", environment.API_ORIGIN),
    mediaRoot: environment.MEDIA_ROOT || "",
    publicUrl: origin("PUBLIC_URL", environment.PUBLIC_URL || `http://localhost:${port}`),
    gatewayOrigin: origin("GATEWAY_ORIGIN", environment.GATEWAY_ORIGIN || "https://api.razorpay.com"),
    mediaOrigins: (environment.MEDIA_ORIGINS || "").split(/[ ,]+/).filter(Boolean),
    trustedProxies,
  };
}

function origin(name: string, value: string | undefined): string {
  if (!value || !URL.canParse(value)) throw new Error(`${name} is ${value ?? "missing"}: it must be http(s)://host`);
  return new URL(value).origin;
}
