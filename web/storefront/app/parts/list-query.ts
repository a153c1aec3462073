/** Words the router hangs on its own requests for data: which routes it wants. They are nobody's filter. */
const ROUTER_PARAM = "_routes";

/** What the visitor's address asks for. */
export function listQuery(request: Request): URLSearchParams {
  const { searchParams } = new URL(request.url);
  searchParams.delete(ROUTER_PARAM);
  return searchParams;
}

/** Letters of a search that are looked at. */
const MAX_QUERY_LENGTH = 200;

/** What the visitor searches for: without control characters, which no text has, and not longer than any search is. */
export function searchTerm(request: Request): string {
  const q = new URL(request.url).searchParams.get("q") ?? "";
  return q
    .replace(/\p{Cc}+/gu, " ")
    .trim()
    .slice(0, MAX_QUERY_LENGTH);
}

/** Where an old address leads to, with all that was asked for there. */
export function redirectTarget(path: string, request: Request): string {
  const query = listQuery(request).toString();
  return query ? `${path}?${query}` : path;
}
