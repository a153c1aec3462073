import { useSyncExternalStore } from "react";

const subscribe = () => () => undefined;

/** False on the server and until React has hydrated the page: presses are not handled by scripts before that. */
export function useHydrated(): boolean {
  return useSyncExternalStore(
    subscribe,
    () => true,
    () => false,
  );
}
