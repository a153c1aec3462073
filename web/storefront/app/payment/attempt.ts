import { keep, kept } from "../session/kept";

const NAME = "noirel.attempt";

/** The same for the same content, whatever the order of its keys. */
export function fingerprint(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    part && typeof part === "object" && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

/** One key for one content: kept through retries, reloads and lost answers, new as soon as anything changed. */
export function attemptKey(content: unknown): string {
  const print = fingerprint(content);
  const before = kept(NAME, "sessionStorage");
  if (before) {
    const known = JSON.parse(before) as { key: string; print: string };
    if (known.print === print) return known.key;
  }
  const key = crypto.randomUUID();
  keep(NAME, JSON.stringify({ key, print }), "sessionStorage");
  return key;
}

/** The order is over: the same bag may be bought again. */
export function endAttempt(): void {
  keep(NAME, null, "sessionStorage");
}
