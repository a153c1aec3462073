import { safeRedirect } from "@noirel/shared/safe-redirect";

/** Where to after signing in: a page of this site, else the account. */
export function nextPath(search: URLSearchParams): string {
  return safeRedirect(search.get("next"), window.location.origin, "/account");
}
