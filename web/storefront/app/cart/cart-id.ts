import { readStorage, writeStorage } from "../session/storage";

/** The bag's id is the guest's key to it: kept by the browser, and in a cookie for pages without JavaScript. */
const NAME = "noirel.bag";
/** Whose bag it is: an account's bag opens only with its session, and is not asked for without. */
const OWNER = "noirel.bag.owner";
export const CART_COOKIE = "bag";
const DAYS_60 = 5_184_000; // seconds
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** `null` clears the cookie. `secure` where the shop is served over HTTPS: whoever has the id has the bag. */
export function cartCookie(id: string | null, secure: boolean): string {
  return `${CART_COOKIE}=${id ?? ""}; Path=/; Max-Age=${id ? DAYS_60 : 0}; SameSite=Lax${secure ? "; Secure" : ""}`;
}

export function readCartCookie(cookies: string | null): string | null {
  const id = cookies?.match(/(?:^|;\s*)bag=([^;]+)/)?.[1] ?? "";
  return UUID.test(id) ? id : null;
}

export function storedCartId(): string | null {
  // The cookie is newer where a form was sent without JavaScript.
  return readCartCookie(document.cookie) ?? readStorage(NAME);
}

/** Whether the stored bag is that of an account. */
export function isAccountCart(): boolean {
  return readStorage(OWNER) !== null;
}

export function storeCartId(id: string | null, owner: string | null = null): void {
  writeStorage(NAME, id);
  writeStorage(OWNER, id && owner);
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store is not in every browser we serve.
  document.cookie = cartCookie(id, window.location.protocol === "https:");
}
