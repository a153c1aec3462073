import type { Shop } from "../types";

let countries: Shop["countries"] = [];

/** The countries that the shop delivers to; they come with `GET shop` before the first page is drawn (session/shop.ts). */
export function setCountries(found: Shop["countries"]): void {
  countries = found;
}

/** "India" of "IN"; a code that the shop doesn't know any more is left as it is. */
export const countryName = (code: string): string => countries.find((one) => one.code === code)?.name ?? code;

/** "Karnataka" of "KA" in "IN"; what was typed where the country has no list. */
export const regionName = (country: string, region: string): string =>
  countries.find(({ code }) => code === country)?.regions.find(({ code }) => code === region)?.name ?? region;
