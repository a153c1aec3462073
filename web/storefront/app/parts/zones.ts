import { ownZone } from "@noirel/shared/time-zone";
import { useSyncExternalStore } from "react";
import { useShop } from "../layout/shop-context";

/** The zones a time is told in: the shop's, always, and the reader's own where it is known. */
export type Zones = {
  /** IANA name, from `GET shop`. */
  shop: string;
  /** null on the server and until the page is hydrated, so that both render the same and shared caches may keep it. */
  own: string | null;
};

const never = () => () => undefined;

export function useZones(): Zones {
  const { time_zone } = useShop();
  const own = useSyncExternalStore(never, ownZone, () => null);
  return { shop: time_zone, own };
}
