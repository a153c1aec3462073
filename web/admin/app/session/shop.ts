import { shop } from "../api";
import { setCountries } from "../ui/countries";
import { setShopZone } from "../ui/time";

let asked: Promise<void> | null = null;

/** Reads what every page needs to know of the shop, its time zone and its countries; at most once a page load. A failed read is tried again. */
export function isShopLoaded(): Promise<void> {
  asked ??= shop
    .get()
    .then(({ time_zone, countries }) => {
      setShopZone(time_zone);
      setCountries(countries);
    })
    .catch((error) => {
      asked = null;
      throw error;
    });
  return asked;
}
