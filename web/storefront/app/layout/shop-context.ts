import type { Shop } from "@noirel/shared/api/types";
import { createContext, useContext } from "react";

export const ShopContext = createContext<Shop | null>(null);

/** What `GET shop` said: currency, countries, gift, engraving, gateway. */
export function useShop(): Shop {
  const shop = useContext(ShopContext);
  if (!shop) throw new Error("useShop needs the shop above it.");
  return shop;
}
