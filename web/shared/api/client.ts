/**
 * The anonymous reader: `fetch`, for loaders on the server and in the browser.
 * Nothing personal goes through here; that is `browser.ts`.
 */
import type { TypedResponse } from "./problem";
import type { Reads } from "./types";

type Query = Record<string, string | number | boolean | readonly string[] | null | undefined>;
type Options = {
  path?: Record<string, string>;
  query?: Query | URLSearchParams;
  signal?: AbortSignal;
};

/** Sends a request to a path of this origin; rejects if the API can't be reached. */
export type Transport = (path: string, init: RequestInit) => Promise<Response>;

let transport: Transport = (path, init) => fetch(path, init);

/** Server-side rendering has no origin, and each of its calls belongs to a visitor's request: it brings its own transport. */
export function setTransport(replacement: Transport): void {
  transport = replacement;
}

function search(query: Options["query"]): string {
  if (!query) return "";
  const params = query instanceof URLSearchParams ? query : new URLSearchParams();
  if (!(query instanceof URLSearchParams)) {
    for (const [name, value] of Object.entries(query)) {
      for (const one of Array.isArray(value) ? value : [value]) {
        if (one !== undefined && one !== null && one !== "") params.append(name, String(one));
      }
    }
  }
  const text = params.toString();
  return text && `?${text}`;
}

/** Fills a path of the API: `("/products/{slug}", {slug: "encre"})` is `/api/v1/products/encre`. */
export function apiPath(path: string, values: Record<string, string> = {}): string {
  return `/api/v1${path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name] ?? ""))}`;
}

export const api = {
  get<P extends keyof Reads>(path: P, { path: values, query, signal }: Options = {}): Promise<TypedResponse<Reads[P]>> {
    const headers = { Accept: "application/json" };
    return transport(`${apiPath(path, values)}${search(query)}`, { headers, ...(signal && { signal }) });
  },
};
