/** Where to after signing in: only a path of this site; "//elsewhere" and "/\elsewhere" are other sites. */
export function nextOf(search: URLSearchParams): string {
  const to = search.get("next") ?? "";
  return /^\/(?![/\\])/.test(to) ? to : "/account";
}
