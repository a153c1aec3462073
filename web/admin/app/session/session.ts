import { refreshSession, send, setSession } from "@noirel/shared/api/browser";
import type { Session } from "@noirel/shared/api/types";
import type { User } from "../types";

/**
 * Who is signed in, in this tab. The access token lives in memory alone; a reload asks for a fresh one with the HttpOnly cookie.
 * The flag only says that asking is worth while, so that a stranger's console stays silent.
 */
const FLAG = "noirel.signed-in";
let user: User | null = null;
let asked: Promise<User | null> | null = null;

export const currentUser = (): User | null => user;

export const may = (permission: string): boolean => user?.permissions.includes(permission) ?? false;

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
  setSession(session);
  localStorage.setItem(FLAG, "1");
  user = session.user;
  return user;
}

export async function signOut(): Promise<void> {
  try {
    await send({ method: "post", url: "/auth/logout" });
  } finally {
    setSession(null);
    localStorage.removeItem(FLAG);
    user = null;
  }
}
