/** Control characters and backslashes: URL parsers drop or rewrite them, so a path that has one is not the path it looks like. */
const REWRITTEN = /[\p{Cc}\\]/u;

/**
 * The path, query and fragment of `to` when it leads to this origin, else `fallback`.
 *
 * For every redirect whose target comes from input. The target is parsed as a browser would parse it and its origin compared,
 * so "//elsewhere", "/\elsewhere" and "https:elsewhere" are refused. Raw or percent-encoded control characters and backslashes
 * are refused as well: a server further on may decode them before it parses the address.
 */
export function safeRedirect(to: string | null | undefined, origin: string, fallback = "/"): string {
  if (!to?.startsWith("/") || REWRITTEN.test(to)) return fallback;
  let target: URL;
  try {
    target = new URL(to, origin);
    if (REWRITTEN.test(decodeURIComponent(target.pathname))) return fallback;
  } catch {
    return fallback;
  }
  // "/.//elsewhere" is a path of this origin that reads as another host once it stands alone.
  if (target.origin !== new URL(origin).origin || target.pathname.startsWith("//")) return fallback;
  return target.pathname + target.search + target.hash;
}
