import type { User } from "@noirel/shared/api/types";

/** `unknown` until the browser has looked: the server never knows who is there. */
export type SessionState = { status: "unknown" | "guest"; user: null } | { status: "member"; user: User };
export type SessionEvent = { type: "nobody" } | { type: "somebody"; user: User };

export const UNKNOWN: SessionState = { status: "unknown", user: null };

export function sessionReducer(_state: SessionState, event: SessionEvent): SessionState {
  return event.type === "somebody" ? { status: "member", user: event.user } : { status: "guest", user: null };
}
