// @vitest-environment jsdom
import type { AxiosAdapter, InternalAxiosRequestConfig } from "axios";
import axios, { AxiosError } from "axios";
import { beforeEach, expect, test, vi } from "vitest";
import { browser, refreshSession, send, setSession, signedIn, watchSession } from "./browser";
import { isProblem } from "./problem";
import type { Session } from "./types";

type Answer = { status: number; data?: unknown; headers?: Record<string, string> };

const SESSION = { access: "first", user: { email: "noor@example.com" } } as unknown as Session;
let asked: string[] = [];
let answers: Record<string, Answer[]> = {};

/** Answers each path with the next of its answers; the last one goes on. */
const adapter: AxiosAdapter = async (config: InternalAxiosRequestConfig) => {
  const path = `${config.url ?? ""}`.replace("/api/v1", "");
  asked.push(path);
  const queue = answers[path] ?? [];
  const { status, data = {}, headers = {} } = (queue.length > 1 ? queue.shift() : queue[0]) ?? { status: 0 };
  const response = { status, data, headers, statusText: "", config };
  if (status === 0) throw new AxiosError("offline", "ERR_NETWORK", config);
  if (status >= 400) throw new AxiosError("refused", "ERR_BAD_REQUEST", config, null, response);
  return response;
};

beforeEach(() => {
  axios.defaults.adapter = adapter;
  browser.defaults.adapter = adapter;
  asked = [];
  answers = {};
  watchSession(() => {});
  setSession(SESSION);
});

test.each([
  ["a limit that others have used up", { status: 429, headers: { "retry-after": "7" } }],
  ["a refusal by a proxy", { status: 403 }],
  ["an API that is away", { status: 503 }],
  ["no connection", { status: 0 }],
])("%s is not being signed out", async (_, answer) => {
  answers["/auth/refresh"] = [answer];
  const told = vi.fn();
  watchSession(told);
  const problem = await refreshSession().catch((error: unknown) => error);
  expect(isProblem(problem)).toBe(true);
  expect(told).not.toHaveBeenCalled();
  expect(signedIn()).toBe(true);
});

test("a session that has ended is", async () => {
  answers["/auth/refresh"] = [{ status: 401, data: { code: "session_ended" } }];
  const told = vi.fn();
  watchSession(told);
  await expect(refreshSession()).resolves.toBeNull();
  expect(told).toHaveBeenCalledWith(null);
  expect(signedIn()).toBe(false);
});

test("a call that meets an ended access token is sent again with a new one", async () => {
  answers["/me"] = [
    { status: 401, data: { code: "token_invalid" } },
    { status: 200, data: { email: "noor@example.com" } },
  ];
  answers["/auth/refresh"] = [{ status: 200, data: { ...SESSION, access: "second" } }];
  await expect(send({ url: "/me" })).resolves.toEqual({ email: "noor@example.com" });
  expect(asked).toEqual(["/me", "/auth/refresh", "/me"]);
});

test("a wrong password is not a reason to ask twice: each try counts", async () => {
  answers["/me"] = [{ status: 401, data: { code: "invalid_credentials" } }];
  const refused = await send({ url: "/me", method: "DELETE", data: { password: "no" } }).catch(
    (error: unknown) => error,
  );
  expect(refused).toMatchObject({ status: 401, code: "invalid_credentials" });
  expect(asked).toEqual(["/me"]);
});
