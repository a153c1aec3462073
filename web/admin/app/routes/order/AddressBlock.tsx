import type { Address } from "../../types";
import { countryName, regionName } from "../../ui/countries";

export function AddressBlock({ address }: { address: Address }) {
  const lines = [
    address.name,
    address.line1,
    address.line2,
    [address.city, regionName(address.country, address.region), address.postcode].filter(Boolean).join(", "),
    countryName(address.country),
    address.phone,
  ];
  return (
    <address className="border-t border-line px-4 py-3 not-italic">
      {lines.filter(Boolean).map((line) => (
        <span key={line} className="block">
          {line}
        </span>
      ))}
    </address>
  );
}
