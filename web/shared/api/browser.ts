/**
 * The browser's personal calls: one Axios instance that adds the access token and, on a 401, refreshes once for
 * everyone who waits. Loaded after the first paint (`import("@noirel/shared/api/browser")`), never on the server.
 */
import axios, { type AxiosError, type AxiosRequestConfig, type InternalAxiosRequestConfig } from "axios";
import { Problem, seconds } from "./problem";
import type { Session } from "./types";

export const browser = axios.create({ baseURL: "/api/v1", timeout: 20_000, headers: { Accept: "application/json" } });

let access: string | null = null;
/** Whether a session that this page had is over. Another one may have begun since, in another tab: the cookie is the browser's. */
let hasEnded = false;
let refreshing: Promise<Session | null> | null = null;
let onSession: (session: Session | null) => void = () => {};

/** Who wants to know when the session changes: the session provider. */
export function watchSession(listener: (session: Session | null) => void): void {
  onSession = listener;
}

export function setSession(session: Session | null): void {
  access = session?.access ?? null;
  if (session) hasEnded = false;
  onSession(session);
}

/** Whether this page has an access token. */
export function signedIn(): boolean {
  return access !== null;
}

/** A new access token from the HttpOnly cookie; however many ask at once, one request is made. */
export function refreshSession(): Promise<Session | null> {
  refreshing ??= axios
    .post<Session>("/api/v1/auth/refresh", {}, { timeout: 20_000 })
    .then(({ data }) => data)
    .catch((error: AxiosError) => {
      // Only "the session has ended" ends it: not a lost connection, and not a limit that a whole office has used up (429).
      if (error.response?.status === 401) return null;
      throw toProblem(error);
    })
    .then((session) => {
      hasEnded ||= !session && access !== null;
      setSession(session);
      return session;
    })
    .finally(() => {
      refreshing = null;
    });
  return refreshing;
}

browser.interceptors.request.use((config) => {
  if (access) config.headers.set("Authorization", `Bearer ${access}`);
  return config;
});

/** Calls that answer 401 about what was sent, or about the cookie, and not about the access token. */
const SIGNS_IN = /^\/auth\/(?:login|register|refresh|logout)\b/;

type Retried = InternalAxiosRequestConfig & { retried?: boolean };

browser.interceptors.response.use(undefined, async (error: AxiosError) => {
  const config = error.config as Retried | undefined;
  const refused = error.response?.status === 401 && problemCode(error) !== "invalid_credentials";
  if (refused && config && !config.retried && (access || hasEnded) && !SIGNS_IN.test(config.url ?? "")) {
    config.retried = true;
    if (await refreshSession()) return browser(config);
  }
  throw error;
});

function problemCode(error: AxiosError): unknown {
  return (error.response?.data as { code?: unknown } | undefined)?.code;
}

function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (!axios.isAxiosError(error)) throw error;
  const body = error.response?.data;
  return new Problem(
    error.response?.status ?? 0,
    body && typeof body === "object" ? (body as Record<string, unknown>) : { title: "The shop cannot be reached." },
    seconds(error.response?.headers?.["retry-after"] as string | undefined),
  );
}

/** Sends one request; a refusal is thrown as a Problem. */
export async function send<T>(config: AxiosRequestConfig): Promise<T> {
  try {
    return (await browser.request<T>(config)).data;
  } catch (error) {
    throw toProblem(error);
  }
}

/** Sends one request that goes on when the page is left before its answer. */
export async function sendOnLeaving(url: string): Promise<void> {
  try {
    await browser.post(url, {}, { adapter: "fetch", fetchOptions: { keepalive: true } });
  } catch (error) {
    throw toProblem(error);
  }
}

/** Sends a form to where a ticket says, as anybody would: without our token. part goes from 0 to 1. */
export async function sendForm(
  url: string,
  fields: Record<string, string | Blob>,
  onPart: (part: number) => void,
): Promise<void> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  try {
    await axios.post(url, form, { onUploadProgress: ({ progress }) => onPart(progress ?? 0) });
  } catch (error) {
    const refused = toProblem(error);
    // A bucket answers in XML, which says nothing to people.
    throw refused.code.startsWith("http_")
      ? new Problem(refused.status, { title: "The store refused the file. Try again." })
      : refused;
  }
}

export type Tagged<T> = { value: T; etag: string };

/** The same, with the version that the next change should name in If-Match. */
export async function sendTagged<T>(config: AxiosRequestConfig): Promise<Tagged<T>> {
  try {
    const { data, headers } = await browser.request<T>(config);
    return { value: data, etag: String(headers.etag ?? "") };
  } catch (error) {
    throw toProblem(error);
  }
}
