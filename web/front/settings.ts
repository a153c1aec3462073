/** The front's settings, from its environment. */
import { isIP } from "node:net";
import path from "node:path";

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
  /** Host names the shop answers to, as in Django's ALLOWED_HOSTS: `.shop.example` for all below it, `*` for every name. */
  allowedHosts: string[];
  /** Bytes of a picture that staff may upload through the API. */
  uploadBytes: number;
};

/** A setting that can't be used. The message names it and says what is allowed. */
export class SettingError extends Error {}

/** EX_CONFIG of sysexits.h: tells a supervisor that a restart won't help. */
const WRONG_SETTINGS = 78;

/** Reads every setting; throws a SettingError for the first that is wrong. */
export function settingsFrom(environment: NodeJS.ProcessEnv): Settings {
  const port = integer("PORT", environment.PORT, { fallback: 8000, min: 1, max: 65_535 });
  const publicUrl = origin("PUBLIC_URL", environment.PUBLIC_URL || `http://localhost:${port}`);
  // Read by the server-rendered pages (storefront/app/server/api.server.ts).
  number("SSR_API_SECONDS", environment.SSR_API_SECONDS, { fallback: 5, min: 0.1, max: 60 });
  return {
    hosts: hosts(environment.HOST),
    port,
    apiOrigin: origin("API_ORIGIN", environment.API_ORIGIN),
    mediaRoot: folder("MEDIA_ROOT", environment.MEDIA_ROOT),
    publicUrl,
    gatewayOrigin: origin("GATEWAY_ORIGIN", environment.GATEWAY_ORIGIN || "https://api.razorpay.com"),
    mediaOrigins: (environment.MEDIA_ORIGINS || "")
      .split(/[ ,]+/)
      .filter(Boolean)
      .map((value) => origin("MEDIA_ORIGINS", value)),
    trustedProxies: integer("TRUST_PROXY", environment.TRUST_PROXY, { fallback: 0, min: 0, max: 10 }),
    allowedHosts: [
      ...hostNames("ALLOWED_HOSTS", environment.ALLOWED_HOSTS),
      new URL(publicUrl).hostname,
      "localhost",
      "127.0.0.1",
      "[::1]",
    ].filter(Boolean),
    uploadBytes: integer("MEDIA_MAX_BYTES", environment.MEDIA_MAX_BYTES, {
      fallback: 20 * 1024 * 1024,
      min: 1024,
      max: 256 * 1024 * 1024,
    }),
  };
}

/** The settings of this process; ends it, with one line about what is wrong, if it can't be started with them. */
export function settingsOrExit(): Settings {
  try {
    return settingsFrom(process.env);
  } catch (error) {
    if (!(error instanceof SettingError)) throw error;
    console.error(error.message);
    process.exit(WRONG_SETTINGS);
  }
}

type Bounds = { fallback: number; min: number; max: number };

function number(name: string, text: string | undefined, { fallback, min, max }: Bounds): number {
  if (!text) return fallback;
  const value = /^[0-9]+(?:\.[0-9]+)?$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= min && value <= max)) throw wrong(name, text, `a number from ${min} to ${max}`);
  return value;
}

function integer(name: string, text: string | undefined, bounds: Bounds): number {
  const value = number(name, text, bounds);
  if (!Number.isInteger(value)) throw wrong(name, text, `a whole number from ${bounds.min} to ${bounds.max}`);
  return value;
}

/** The rule of the API (backend, `env_hosts`): names separated by commas, in lower case. */
function hostNames(name: string, text: string | undefined): string[] {
  const names = (text || "").split(",").map((one) => one.trim().toLowerCase());
  for (const one of names.filter(Boolean))
    if (!/^(?:\*|\.?[\w-]+(?:\.[\w-]+)*|\[[0-9a-f:.]+\])$/.test(one))
      throw wrong(name, one, "a host name, without scheme, port or path");
  return names.filter(Boolean);
}

/** `scheme://host[:port]` alone: no path, query or user name, which would be dropped in silence or leak. */
function origin(name: string, text: string | undefined): string {
  const url = text && /^[\x21-\x7e]+$/.test(text) && URL.canParse(text) ? new URL(text) : null;
  const isOrigin = url && /^https?:\/\/[^/?#@\\]+\/?$/i.test(text ?? "") && /^[\w.:[\]-]+$/.test(url.host);
  if (!isOrigin) throw wrong(name, text, "http(s)://host or http(s)://host:port");
  return url.origin;
}

function hosts(text: string | undefined): string[] {
  if (!text) return ["127.0.0.1", "::1"];
  if (!isIP(text) && text !== "localhost")
    throw wrong("HOST", text, "an IP address of this machine, or 0.0.0.0 for all");
  return [text];
}

function folder(name: string, text: string | undefined): string {
  if (text && !path.isAbsolute(text)) throw wrong(name, text, "the absolute path of a folder");
  return text || "";
}

function wrong(name: string, text: string | undefined, allowed: string): SettingError {
  return new SettingError(
    text ? `${name} is ${JSON.stringify(text)}: it must be ${allowed}.` : `${name} is not set: it must be ${allowed}.`,
  );
}
