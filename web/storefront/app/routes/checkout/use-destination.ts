import { isProblem } from "@noirel/shared/api/problem";
import type { Page, ShippingMethod } from "@noirel/shared/api/types";
import { useRef, useState } from "react";
import { refusalMessage, useCart } from "../../cart/cart-context";
import { personal } from "../../session/session";

export type Place = { country: string; postcode: string };

/** The method that is chosen now, or why there is none; neither when another place was asked for meanwhile. */
export type Delivery = { method: ShippingMethod | null; why: string; isAboutPlace: boolean };

export type Destination = {
  /** What delivers to the place that was asked for last; null until that is known. */
  methods: ShippingMethod[] | null;
  /** The total and the methods of another place are still shown, or none yet. */
  busy: boolean;
  /** Why there is no method, or why the last choice failed. */
  notice: string;
  /** The place that was asked for last. */
  isAskedFor: (place: Place) => boolean;
  /**
   * Asks for the methods and the total of a place; `countryName` for the message that nothing delivers there. `onInvalid`
   * gets the reason why the postcode was refused.
   */
  ask: (place: Place, how: { countryName: string; onInvalid: (why: string) => void }) => Promise<Delivery>;
  /** Why the shop refused this place's postcode; null when it didn't, or was asked for another place since. */
  whyInvalid: (place: Place) => string | null;
  choose: (code: string) => Promise<void>;
};

const SUPERSEDED: Delivery = { method: null, why: "", isAboutPlace: false };

const keyOf = ({ country, postcode }: Place) => `${country} ${postcode.trim()}`;

/**
 * Where the bag goes, and how. The place is sent as soon as it changes, and the changes one after the other: an answer for an
 * earlier place neither shows nor overwrites a later one.
 */
export function useDestination(): Destination {
  const { cart, change } = useCart();
  const [methods, setMethods] = useState<ShippingMethod[] | null>(null);
  const [pending, setPending] = useState(0);
  const [notice, setNotice] = useState("");
  const [invalid, setInvalid] = useState<{ key: string; why: string } | null>(null);
  const asked = useRef("");
  const queue = useRef<Promise<unknown>>(Promise.resolve());

  /** Runs after everything that was asked for before. */
  const inTurn = async <T>(run: () => Promise<T>): Promise<T> => {
    setPending((count) => count + 1);
    const turn = queue.current.then(run);
    queue.current = turn.catch(() => undefined);
    try {
      return await turn;
    } finally {
      setPending((count) => count - 1);
    }
  };

  const ask: Destination["ask"] = (place, { countryName, onInvalid }) => {
    const key = keyOf(place);
    asked.current = key;
    // What was offered elsewhere can't be chosen for here.
    setMethods(null);
    setNotice("");
    setInvalid(null);
    return inTurn(async () => {
      const isLatest = () => asked.current === key;
      if (!cart || !isLatest()) return SUPERSEDED;
      try {
        const placed = await change({ country: place.country, postcode: place.postcode.trim() });
        if (!isLatest()) return SUPERSEDED;
        const { send } = await personal();
        const { results } = await send<Page<ShippingMethod>>({ url: `/carts/${cart.id}/shipping-methods` });
        const chosen =
          results.find(({ code }) => code === placed.shipping_method) ??
          results.toSorted((a, b) => a.price.amount - b.price.amount)[0];
        if (chosen && chosen.code !== placed.shipping_method && isLatest())
          await change({ shipping_method: chosen.code });
        if (!isLatest()) return SUPERSEDED;
        setMethods(results);
        const why = chosen ? "" : `We do not deliver to ${place.postcode.trim() || countryName} yet.`;
        setNotice(why);
        return { method: chosen ?? null, why, isAboutPlace: true };
      } catch (error) {
        if (!isLatest()) return SUPERSEDED;
        asked.current = "";
        const invalid = isProblem(error) ? error.field("postcode") : undefined;
        const why = invalid ?? refusalMessage(error);
        if (invalid) {
          setInvalid({ key, why });
          onInvalid(why);
        }
        setNotice(why);
        return { method: null, why, isAboutPlace: invalid !== undefined };
      }
    });
  };

  const choose = (code: string) =>
    inTurn(async () => {
      try {
        await change({ shipping_method: code });
        setNotice("");
      } catch (error) {
        setNotice(refusalMessage(error));
      }
    });

  return {
    methods,
    busy: pending > 0,
    notice,
    isAskedFor: (place) => asked.current === keyOf(place),
    ask,
    whyInvalid: (place) => (invalid?.key === keyOf(place) ? invalid.why : null),
    choose,
  };
}
