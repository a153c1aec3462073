import { readStorage, writeStorage } from "../../session/storage";

/** What opens a guest's entry: its id, and the token of the mail's link. */
export type EntryKey = { entry: string; token: string };

/** The key lives in a cookie of the drop's own page, for pages without JavaScript, and in the browser's storage. */
const COOKIE = "drop-entry";
const DAYS_60 = 5_184_000; // seconds
const KEY = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}):([0-9a-f]{64})$/i;
const storageName = (slug: string) => `noirel.drop.${slug}`;

function parse(text: string | null | undefined): EntryKey | null {
  const [, entry, token] = text?.match(KEY) ?? [];
  return entry && token ? { entry, token } : null;
}

/** The key in a link's query; null unless both halves are well formed. */
export function keyInQuery(query: URLSearchParams): EntryKey | null {
  return parse(`${query.get("entry")}:${query.get("token")}`);
}

export function keyInCookie(cookies: string | null): EntryKey | null {
  return parse(cookies?.match(/(?:^|;\s*)drop-entry=([^;]+)/)?.[1]);
}

/** `null` clears the cookie. `secure` where the shop is served over HTTPS. */
export function entryCookie(slug: string, key: EntryKey | null, secure: boolean): string {
  const value = key ? `${key.entry}:${key.token}` : "";
  const age = key ? DAYS_60 : 0;
  return `${COOKIE}=${value}; Path=/drops/${slug}; Max-Age=${age}; SameSite=Lax${secure ? "; Secure" : ""}`;
}

/** In the browser: the key that the server has set for this page, else the stored one. */
export function readKey(slug: string): EntryKey | null {
  const fresh = window.location.pathname === `/drops/${slug}` ? keyInCookie(document.cookie) : null;
  if (fresh) writeStorage(storageName(slug), `${fresh.entry}:${fresh.token}`);
  return fresh ?? parse(readStorage(storageName(slug)));
}

export function forgetKey(slug: string): void {
  writeStorage(storageName(slug), null);
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store is not in every browser we serve.
  document.cookie = entryCookie(slug, null, window.location.protocol === "https:");
}
