/**
 * Server-side calls to the API: every one of them is sent from here.
 *
 * A call belongs to the visitor's request that is being answered. It carries that request's id and the address it came from, so
 * that logs can be joined and limits count the visitor and not this server, and it ends with the page's deadline.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { setTransport } from "@noirel/shared/api/client";

const API_ORIGIN = process.env.API_ORIGIN ?? "http://127.0.0.1:8010";

/** How long all calls for one page may take together, in milliseconds. */
const PAGE_DEADLINE = seconds("SSR_API_SECONDS", 5) * 1000;

/** What the front vouches for (front/app.ts); a client's own values never reach us. */
const FORWARDED = ["X-Request-ID", "X-Forwarded-For", "X-Forwarded-Proto"];

type Visit = { headers: Record<string, string>; ends: AbortSignal };

const visits = new AsyncLocalStorage<Visit>();

/** Runs `answer` on behalf of `request`: the calls it makes carry its id and address and share one deadline. */
export function onBehalfOf<T>(request: Request, answer: () => T): T {
  const headers: Record<string, string> = {};
  for (const name of FORWARDED) {
    const value = request.headers.get(name);
    if (value) headers[name] = value;
  }
  return visits.run({ headers, ends: AbortSignal.any([request.signal, AbortSignal.timeout(PAGE_DEADLINE)]) }, answer);
}

/** Sends one call to the API. Rejects at the page's deadline, and when `init.signal` or the visitor gives up. */
export function callApi(path: string, init: RequestInit = {}): Promise<Response> {
  const visit = visits.getStore();
  const headers = new Headers(init.headers);
  if (!headers.has("Accept")) headers.set("Accept", "application/json");
  for (const [name, value] of Object.entries(visit?.headers ?? {})) headers.set(name, value);
  const ends = visit?.ends ?? AbortSignal.timeout(PAGE_DEADLINE);
  const signal = init.signal ? AbortSignal.any([ends, init.signal]) : ends;
  return fetch(API_ORIGIN + path, { ...init, headers, signal });
}

setTransport(callApi);

function seconds(name: string, fallback: number): number {
  const value = Number(process.env[name] || fallback);
  if (!(value > 0)) throw new Error(`${name} is ${process.env[name]}: it must be a number of seconds`);
  return value;
}
