import { refreshSession, send, setSession, watchSession } from "@noirel/shared/api/browser";
import { isProblem } from "@noirel/shared/api/problem";
import type { Session } from "@noirel/shared/api/types";
import type { User } from "../types";

/**
 * Who is signed in, in this tab. The access token lives in memory alone; a reload asks for a fresh one with the HttpOnly cookie.
 * The flag only says that asking is worth while, so that a stranger's console stays silent.
 */
const FLAG = "noirel.signed-in";
let user: User | null = null;
let asked: Promise<User | null> | null = null;

type Change = "ended" | "resumed";
const listeners = new Set<(change: Change) => void>();

/** Calls back when the session ends without a sign-out here, and when there is one again. Returns how to stop that. */
export function onSessionChange(listener: (change: Change) => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

watchSession((session) => {
  if (!user) return;
  for (const listener of listeners) listener(session ? "resumed" : "ended");
});

export const currentUser = (): User | null => user;

export const hasPermission = (permission: string): boolean => user?.permissions.includes(permission) ?? false;

/** The signed-in member of staff, or null. Asks the server at most once a page load. */
export function resume(): Promise<User | null> {
  if (user) return Promise.resolve(user);
  if (!localStorage.getItem(FLAG)) return Promise.resolve(null);
  asked ??= refreshSession()
    .then((found) => {
      user = found?.user ?? null;
      if (!found) localStorage.removeItem(FLAG);
      return user;
    })
    .finally(() => {
      asked = null;
    });
  return asked;
}

export async function signIn(email: string, password: string): Promise<User> {
  const session = await send<Session>({ method: "post", url: "/auth/login", data: { email, password } });
  localStorage.setItem(FLAG, "1");
  user = session.user;
  setSession(session);
  return user;
}

/** Why a sign-in was refused, for whoever tried. */
export function signInRefusal(error: unknown): string {
  if (!isProblem(error)) throw error;
  if (error.status === 429) return "Too many attempts. Wait a minute, then try again.";
  if (error.status >= 400 && error.status < 500) return "That e-mail and password don’t match.";
  return "The shop did not answer. Try again.";
}

export async function signOut(): Promise<void> {
  try {
    await send({ method: "post", url: "/auth/logout" });
  } finally {
    user = null; // before the session ends: an end by choice is no surprise to anybody
    setSession(null);
    localStorage.removeItem(FLAG);
  }
}
