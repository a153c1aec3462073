import type { Order, OrderLine, Shipment } from "@noirel/shared/api/types";
import { useZones, type Zones } from "../../parts/zones";
import { day } from "../../payment/dates";
import { isOnHold, isSettled } from "../../payment/read";

type Part = { name: string; units: number };

/** How it travels: the promise, each parcel with what is in it, and what is still with us. */
export function Parcels({ order }: { order: Order }) {
  const zones = useZones();
  const { lines, shipments, status, payment_status, shipping_method, email } = order;
  const arrives =
    isSettled(order) &&
    !isOnHold(order) &&
    status !== "cancelled" &&
    status !== "expired" &&
    payment_status !== "refunded";
  if (!arrives && shipments.length === 0) return null;
  const waiting = lines
    .map((line) => ({
      name: titleOf(line),
      units: line.quantity - line.cancelled_quantity - line.fulfilled_quantity,
    }))
    .filter(({ units }) => units > 0);
  return (
    <section aria-labelledby="parcels">
      <h2 id="parcels" className="display text-2xl">
        How
      </h2>
      {arrives && (
        <p className="mt-4 text-lg">
          {shipping_method.name}: {shipping_method.promise.text}
          <span className="block text-base break-words text-ink-2">The confirmation went to {email}.</span>
        </p>
      )}
      {shipments.length > 0 && (
        <ul className="mt-4 border-t border-line text-[0.9375rem]">
          {shipments.map((parcel, index) => (
            <li key={parcel.id} className="border-b border-line py-4">
              <h3 className="numerals font-medium">
                {shipments.length > 1 ? `Parcel ${index + 1} of ${shipments.length}` : "Your parcel"}:{" "}
                {whereItIs(parcel, zones)}
              </h3>
              <p className="mt-1 text-ink-2">{describe(partsOf(parcel, lines))}</p>
              {parcel.tracking_url ? (
                <p className="mt-2">
                  <a href={parcel.tracking_url} rel="noreferrer" className="link print:hidden">
                    Track parcel {parcel.tracking_number} with {parcel.carrier}
                  </a>
                </p>
              ) : (
                parcel.tracking_number && (
                  <p className="numerals mt-2 text-ink-2">
                    {parcel.carrier} <bdi>{parcel.tracking_number}</bdi>
                  </p>
                )
              )}
            </li>
          ))}
          {arrives && waiting.length > 0 && (
            <li className="border-b border-line py-4">
              <h3 className="font-medium">Still with us</h3>
              <p className="mt-1 text-ink-2">{describe(waiting)}</p>
            </li>
          )}
        </ul>
      )}
    </section>
  );
}

function whereItIs({ shipped_at, delivered_at }: Shipment, zones: Zones): string {
  if (delivered_at) return `delivered on ${day(delivered_at, zones)}`;
  return shipped_at ? `on its way since ${day(shipped_at, zones)}` : "packed";
}

function titleOf({ name, variant_title }: OrderLine): string {
  return [name, variant_title].filter(Boolean).join(" ");
}

/** What is in a parcel. */
function partsOf(parcel: Shipment, lines: OrderLine[]): Part[] {
  return parcel.lines.flatMap(({ line_id, quantity }) =>
    lines.filter(({ id }) => id === line_id).map((line) => ({ name: titleOf(line), units: quantity })),
  );
}

/** "2 × Encre 50 ml, Cendre 10 ml" */
function describe(parts: Part[]): string {
  return parts.map(({ name, units }) => (units > 1 ? `${units} × ${name}` : name)).join(", ");
}
