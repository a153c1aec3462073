const HOST = /^([\w-]+(?:\.[\w-]+)*\.?|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i;

/**
 * Whether a shop with these host names answers to a Host header: the rule of Django's ALLOWED_HOSTS, which the API has. A request
 * of HTTP/1.0 may have none.
 */
export function isAllowedHost(host: string | undefined, allowed: readonly string[]): boolean {
  if (!host) return true;
  const name = HOST.exec(host)?.[1]?.toLowerCase().replace(/\.$/, "");
  if (!name) return false;
  return allowed.some(
    (one) => one === "*" || one === name || (one.startsWith(".") && (name === one.slice(1) || name.endsWith(one))),
  );
}
