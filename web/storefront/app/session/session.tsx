import { isProblem } from "@noirel/shared/api/problem";
import type { Session, User } from "@noirel/shared/api/types";
import { createContext, type ReactNode, useContext, useEffect, useMemo, useReducer } from "react";
import { keep, kept } from "./kept";
import { type SessionState, sessionReducer, UNKNOWN } from "./reducer";

/** Says that someone was signed in here, so that guests are never refreshed in vain. It is no secret and no proof. */
const HINT = "noirel.member";

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
export function arrived(): Promise<Session | null> {
  arrival ??=
    kept(HINT) === null
      ? Promise.resolve(null)
      : personal()
          .then(({ refreshSession }) => refreshSession())
          .catch((error: unknown) => {
            arrival = undefined;
            throw error;
          });
  return arrival;
}

export function SessionProvider({ children }: { children: ReactNode }) {
  const [state, dispatch] = useReducer(sessionReducer, UNKNOWN);

  useEffect(() => {
    let gone = false;
    let later: ReturnType<typeof setTimeout> | undefined;
    const begin = async () => {
      try {
        const session = await arrived();
        if (kept(HINT) === null) return dispatch({ type: "nobody" });
        const { watchSession } = await personal();
        if (gone) return;
        watchSession((next) => remember(next, dispatch));
        remember(session, dispatch);
      } catch (error) {
        if (gone) return;
        // Neither is signed out, so the hint stays. Who was asked to wait is looked for again, and isn't shown as a guest.
        if (isProblem(error) && error.retryAfter) later = setTimeout(() => void begin(), error.retryAfter * 1000);
        else dispatch({ type: "nobody" }); // offline: this page goes on as a guest's
      }
    };
    void begin();
    return () => {
      gone = true;
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
        const { send, setSession } = await personal();
        await send({ method: "POST", url: "/auth/logout", data: {} });
        setSession(null);
      },
    };
  }, [state]);
  return <SessionContext value={api}>{children}</SessionContext>;
}

function remember(session: Session | null, dispatch: (event: Parameters<typeof sessionReducer>[1]) => void) {
  keep(HINT, session ? "1" : null);
  dispatch(session ? { type: "somebody", user: session.user } : { type: "nobody" });
}

export function useSession(): SessionApi {
  const session = useContext(SessionContext);
  if (!session) throw new Error("useSession needs a SessionProvider above it.");
  return session;
}
