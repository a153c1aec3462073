/** Words the router hangs on its own requests for data: which routes it wants. They are nobody's filter. */
const ROUTERS = "_routes";

/** What the visitor's address asks for. */
export function askedOf(request: Request): URLSearchParams {
  const { searchParams } = new URL(request.url);
  searchParams.delete(ROUTERS);
  return searchParams;
}

/** Letters of a search that are looked at. */
const LONGEST = 200;

/** What the visitor searches for: without control characters, which no text has, and not longer than any search is. */
export function searchedFor(request: Request): string {
  const q = new URL(request.url).searchParams.get("q") ?? "";
  return q
    .replace(/\p{Cc}+/gu, " ")
    .trim()
    .slice(0, LONGEST);
}

/** Where an old address leads to, with all that was asked for there. */
export function movedTo(path: string, request: Request): string {
  const asked = askedOf(request).toString();
  return asked ? `${path}?${asked}` : path;
}
