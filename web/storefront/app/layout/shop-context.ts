import type { Shop } from "@noirel/shared/api/types";
import { createContext, useContext } from "react";

export const ShopContext = createContext<Shop | null>(null);

/** What `GET shop` said: currency, countries, gift, engraving, gateway. While the API is down, the page of a 503. */
export function useShop(): Shop {
  const shop = useContext(ShopContext);
  // A response that is thrown while rendering on the server becomes the page's status.
  if (!shop) throw new Response(null, { status: 503 });
  return shop;
}

/** The same for pages that can be shown without it: null while the API is down. */
export function useOptionalShop(): Shop | null {
  return useContext(ShopContext);
}

let isLoaded = true;

/** Tells the root's `shouldRevalidate` whether this page was made without the shop's facts: it then asks for them again. */
export function setShopLoaded(isKnown: boolean): void {
  isLoaded = isKnown;
}

export const isShopLoaded = () => isLoaded;
