import type { AdminOrder } from "../../types";
import { Button } from "../../ui/Button";
import { Panel } from "../../ui/Panel";
import { Status } from "../../ui/Status";
import { when } from "../../ui/time";
import { mayShip, type Parcel } from "./actions";

const states = {
  packed: ["Packed, not shipped", "wait", true],
  in_transit: ["On its way", "good", true],
  delivered: ["Delivered", "good", false],
} as const;

/** Every parcel of the order: what is in it, where it is, and what is to be done with it next. */
export function Parcels({
  order,
  canAct,
  busy,
  onTracking,
  onDeliver,
  onUnpack,
}: {
  order: AdminOrder;
  canAct: boolean;
  busy: boolean;
  onTracking: (parcel: Parcel) => void;
  onDeliver: (parcel: Parcel) => void;
  onUnpack: (parcel: Parcel) => void;
}) {
  if (!order.shipments.length) return null;
  return (
    <Panel title="Parcels">
      <ul>
        {order.shipments.map((parcel, index) => (
          <li key={parcel.id} className="border-t border-line px-4 py-3">
            <article aria-labelledby={`parcel-${parcel.id}`} className="grid gap-2">
              <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
                <h3 id={`parcel-${parcel.id}`} className="font-medium">
                  {nameOf(order, index)}
                </h3>
                <Status tone={states[parcel.status][1]} ring={states[parcel.status][2]}>
                  {states[parcel.status][0]}
                </Status>
                <time dateTime={since(parcel)} className="ms-auto text-xs text-ink-3">
                  {when(since(parcel))}
                </time>
              </div>
              <ul aria-label={`Units in ${nameOf(order, index).toLowerCase()}`} className="grid gap-0.5">
                {parcel.lines.map(({ line_id, quantity }) => {
                  const line = order.lines.find(({ id }) => id === line_id);
                  return (
                    <li key={line_id}>
                      {quantity} × {line?.name} <span className="text-ink-2">{line?.variant_title}</span>
                      {line?.engraving ? <span className="text-ink-2">, engraved “{line.engraving}”</span> : null}
                    </li>
                  );
                })}
              </ul>
              <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
                <Tracking parcel={parcel} />
                {canAct && parcel.status !== "delivered" ? (
                  <div className="ms-auto flex flex-wrap gap-2">
                    {parcel.status === "packed" ? (
                      <Button
                        busy={busy}
                        onClick={() => onUnpack(parcel)}
                        aria-label={`Unpack ${nameOf(order, index).toLowerCase()}`}
                      >
                        Unpack
                      </Button>
                    ) : null}
                    {parcel.status === "packed" && !mayShip(order) ? null : (
                      <Button
                        onClick={() => onTracking(parcel)}
                        aria-label={`${parcel.status === "packed" ? "Ship" : "Change tracking of"} ${nameOf(order, index).toLowerCase()}`}
                      >
                        {parcel.status === "packed" ? "Ship" : "Change tracking"}
                      </Button>
                    )}
                    {parcel.status === "in_transit" ? (
                      <Button
                        busy={busy}
                        onClick={() => onDeliver(parcel)}
                        aria-label={`Mark ${nameOf(order, index).toLowerCase()} delivered`}
                      >
                        Mark delivered
                      </Button>
                    ) : null}
                  </div>
                ) : null}
              </div>
            </article>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

export function nameOf(order: Pick<AdminOrder, "shipments">, index: number): string {
  return order.shipments.length > 1 ? `Parcel ${index + 1} of ${order.shipments.length}` : "Parcel";
}

const since = (parcel: Parcel): string => parcel.delivered_at ?? parcel.shipped_at ?? parcel.packed_at;

function Tracking({ parcel }: { parcel: Parcel }) {
  if (parcel.status === "packed") {
    return <p className="text-ink-2">In stock until it ships.</p>;
  }
  const number = parcel.tracking_number || (parcel.tracking_url ? "Tracking" : "");
  return (
    <p className="min-w-0 break-words">
      {parcel.carrier || "Shipped"}
      {number ? " " : ", "}
      {parcel.tracking_url ? (
        <a href={parcel.tracking_url} className="font-mono text-xs underline underline-offset-4">
          {number}
        </a>
      ) : (
        <span className={number ? "font-mono text-xs" : "text-ink-2"}>{number || "no tracking number"}</span>
      )}
    </p>
  );
}
