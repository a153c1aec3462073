import type { Address, Order } from "@noirel/shared/api/types";
import { useShop } from "../../layout/shop-context";

const PARTS = ["name", "line1", "line2", "city", "region", "postcode", "country"] as const;

export function isBilledElsewhere({ shipping_address, billing_address }: Order): boolean {
  return PARTS.some((part) => shipping_address[part] !== billing_address[part]);
}

/** An address as it stood when the order was placed. */
export function Where({ title, address }: { title: string; address: Address }) {
  const { name, line1, line2, city, region, postcode, phone } = address;
  const country = useShop().countries.find(({ code }) => code === address.country);
  const state = country?.regions.find(({ code }) => code === region)?.name ?? region;
  return (
    <section>
      <h2 className="text-sm font-medium">{title}</h2>
      <address className="mt-2 text-[0.9375rem] break-words text-ink-2 not-italic">
        {[
          name,
          line1,
          line2,
          `${city} ${postcode}`,
          [state, country?.name ?? address.country].filter(Boolean).join(", "),
          phone,
        ]
          .filter(Boolean)
          .map((line) => (
            <span key={line} className="block">
              <bdi>{line}</bdi>
            </span>
          ))}
      </address>
    </section>
  );
}
