import { isProblem } from "@noirel/shared/api/problem";
import type { Session, User } from "@noirel/shared/api/types";
import { createContext, type ReactNode, useContext, useEffect, useMemo, useReducer } from "react";
import { type SessionState, sessionReducer, UNKNOWN } from "./reducer";
import { forgetPersonal, readStorage, writeStorage } from "./storage";

/** Says that someone was signed in here, so that guests are never refreshed in vain. It is no secret and no proof. */
const HINT = "noirel.member";

/** Whether someone was signed in here and has not signed out: the session itself may have ended since. */
export function mayBeMember(): boolean {
  return readStorage(HINT) !== null;
}

/** Milliseconds until a page that is being left runs nothing any more. */
const UNLOADED_WITHIN = 500;

type Credentials = { email: string; password: string };
export type SessionApi = SessionState & {
  /** Rejects with a Problem: `invalid_credentials`. The guest's bag joins the member's. */
  login: (credentials: Credentials, cart?: string | null) => Promise<User>;
  register: (details: Credentials & { name: string }, cart?: string | null) => Promise<User>;
  logout: () => Promise<void>;
};

const SessionContext = createContext<SessionApi | null>(null);

/** Axios and the session come after the first paint, and only once for everyone. */
export function personal() {
  return import("@noirel/shared/api/browser");
}

let arrival: Promise<Session | null> | undefined;

/** Who is there, found out once a visit: loaders of personal pages wait for it. Rejects when the shop is unreachable. */
export function onSignedIn(): Promise<Session | null> {
  arrival ??= mayBeMember()
    ? personal()
        .then(({ refreshSession }) => refreshSession())
        .catch((error: unknown) => {
          arrival = undefined;
          throw error;
        })
    : Promise.resolve(null);
  return arrival;
}

export function SessionProvider({ children }: { children: ReactNode }) {
  const [state, dispatch] = useReducer(sessionReducer, UNKNOWN);

  useEffect(() => {
    let isUnmounted = false;
    let later: ReturnType<typeof setTimeout> | undefined;
    const begin = async () => {
      try {
        const session = await onSignedIn();
        if (!mayBeMember()) return dispatch({ type: "nobody" });
        const { watchSession } = await personal();
        if (isUnmounted) return;
        watchSession((next) => remember(next, dispatch));
        remember(session, dispatch);
      } catch (error) {
        if (isUnmounted) return;
        // Neither is signed out, so the hint stays. Who was asked to wait is looked for again, and isn't shown as a guest.
        if (isProblem(error) && error.retryAfter) later = setTimeout(() => void begin(), error.retryAfter * 1000);
        else dispatch({ type: "nobody" }); // offline: this page goes on as a guest's
      }
    };
    void begin();
    return () => {
      isUnmounted = true;
      clearTimeout(later);
    };
  }, []);

  const api = useMemo<SessionApi>(() => {
    const begin = async (path: string, data: object) => {
      const { send, setSession, watchSession } = await personal();
      watchSession((session) => remember(session, dispatch));
      const session = await send<Session>({ method: "POST", url: path, data });
      setSession(session);
      return session.user;
    };
    return {
      ...state,
      login: (credentials, cart) => begin("/auth/login", { ...credentials, ...(cart && { cart }) }),
      register: async ({ email, password, name }, cart) => {
        const user = await begin("/auth/register", { email, password, name });
        // Only signing in takes a guest's bag along.
        return cart ? begin("/auth/login", { email, password, cart }) : user;
      },
      logout: async () => {
        const { sendOnLeaving, setSession } = await personal();
        // Forgotten first: a page that is opened before the answer comes must not ask for what the session opened.
        forgetPersonal();
        writeStorage(HINT, null);
        try {
          await sendOnLeaving("/auth/logout");
        } catch (error) {
          // Leaving the page cuts the request off as well, although it goes on: a page that is left doesn't get past this.
          await new Promise((wake) => setTimeout(wake, UNLOADED_WITHIN));
          // Still signed in, and the page says so: nobody may leave a shared computer in the belief that they are not.
          writeStorage(HINT, "1");
          throw error;
        }
        setSession(null);
      },
    };
  }, [state]);
  return <SessionContext value={api}>{children}</SessionContext>;
}

function remember(session: Session | null, dispatch: (event: Parameters<typeof sessionReducer>[1]) => void) {
  writeStorage(HINT, session ? "1" : null);
  dispatch(session ? { type: "somebody", user: session.user } : { type: "nobody" });
}

export function useSession(): SessionApi {
  const session = useContext(SessionContext);
  if (!session) throw new Error("useSession needs a SessionProvider above it.");
  return session;
}
