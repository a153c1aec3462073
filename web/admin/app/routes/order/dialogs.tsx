import { formatMoney } from "@noirel/shared/money";
import { type ChangeEvent, useState } from "react";
import type { AdminOrder } from "../../types";
import { Button } from "../../ui/Button";
import { control, TextField } from "../../ui/Field";
import { when } from "../../ui/time";
import { cancelWords, type Parcel, unpacked } from "./acts";

type Asked = { order: AdminOrder; busy: boolean; onBack: () => void };

/** Taking what the bank has set aside. */
export function CaptureForm({ order, busy, onBack, onCapture }: Asked & { onCapture: () => void }) {
  const sum = formatMoney(order.totals.total);
  return (
    <form
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        onCapture();
      }}
    >
      <p className="text-ink-2">
        {sum} is taken from {order.customer.name || order.email} now, and the order is paid.
        {order.capture_by ? ` The bank keeps it set aside until ${when(order.capture_by)}; packing takes it too.` : ""}
      </p>
      <div className="flex justify-end gap-2">
        <Button onClick={onBack}>Back</Button>
        <Button kind="primary" type="submit" busy={busy}>
          Capture {sum} for {order.number}
        </Button>
      </div>
    </form>
  );
}

function DisputeWarning({ order }: { order: AdminOrder }) {
  return (
    <p>
      {order.dispute_status === "open"
        ? "The buyer’s bank is reviewing this payment. If the dispute is lost, both the goods and the money are gone."
        : `The buyer’s bank has taken ${formatMoney(order.payment.taken_back)} of this payment back.`}
    </p>
  );
}

/** Packs units into a parcel: all that is left, or some of it. With tracking it ships at once. */
export function FulfilForm({
  order,
  busy,
  onBack,
  onFulfil,
  despiteDispute = false,
}: Asked & { onFulfil: (body: object, done: string) => void; despiteDispute?: boolean }) {
  const left = order.lines.filter((line) => unpacked(line) > 0);
  const [units, setUnits] = useState(() => Object.fromEntries(left.map((line) => [line.id, unpacked(line)])));
  const [tracking, setTracking] = useState<Tracking>(noTracking);
  const lines = left.map(({ id }) => ({ id, quantity: units[id] ?? 0 })).filter(({ quantity }) => quantity > 0);
  const chosen = lines.reduce((sum, { quantity }) => sum + quantity, 0);
  const all = left.reduce((sum, line) => sum + unpacked(line), 0);
  const goesAlong = alongside(order);
  const ships = Object.values(tracking).some((value) => value.trim() !== "");
  const counted = chosen === all ? many(all) : `${chosen} of ${many(all)}`;
  return (
    <form
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        const body = { lines, ...filled(tracking), ...(despiteDispute && { force: true }) };
        onFulfil(body, ships ? `${counted} shipped` : `${counted} packed. Add tracking when the parcel leaves.`);
      }}
    >
      {despiteDispute ? <DisputeWarning order={order} /> : null}
      <p className="text-ink-2">
        Choose what goes into this parcel. What you leave out can be packed later.
        {order.payment.is_set_aside ? ` ${formatMoney(order.totals.total)} is taken first.` : ""}
      </p>
      <ul aria-label="Units to pack">
        {left.map((line) => (
          <li key={line.id} className="grid grid-cols-[minmax(0,1fr)_auto] items-center gap-3 py-1.5">
            <span>
              {line.name} <span className="text-ink-2">{line.variant_title}</span>
              {line.engraving ? <span className="block text-xs text-ink-2">Engraved “{line.engraving}”</span> : null}
            </span>
            <select
              aria-label={`Units of ${line.name} ${line.variant_title}`}
              value={units[line.id]}
              onChange={(event) => setUnits({ ...units, [line.id]: Number(event.target.value) })}
              className={`${control} h-9 w-auto max-desk:h-11`}
            >
              {Array.from({ length: unpacked(line) + 1 }, (_, count) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: the count is what it is
                <option key={count} value={count}>
                  {count} of {unpacked(line)}
                </option>
              ))}
            </select>
          </li>
        ))}
      </ul>
      {goesAlong.length ? (
        <div>
          <p className="pb-1 font-medium">{order.shipments.length ? "Packed with the first parcel" : "Pack with it"}</p>
          <ul aria-label="What goes along" className="grid gap-0.5 text-ink-2">
            {goesAlong.map((thing) => (
              <li key={thing}>{thing}</li>
            ))}
          </ul>
        </div>
      ) : null}
      <fieldset className="grid gap-3">
        <legend className="pb-1 font-medium">Tracking, if you have it already</legend>
        <TrackingFields value={tracking} onChange={setTracking} />
      </fieldset>
      <p aria-live="polite" className="text-ink-2">
        {ships
          ? "The parcel leaves stock, and the buyer is told that it is on its way."
          : "The parcel waits for the carrier. Its units stay in stock until it ships."}
      </p>
      <div className="flex justify-end gap-2">
        <Button onClick={onBack}>Back</Button>
        <Button kind="primary" type="submit" busy={busy} disabled={!chosen}>
          {ships ? `Pack and ship ${counted}` : `Pack ${counted}`}
        </Button>
      </div>
    </form>
  );
}

/** What a parcel holds beside the units that were bought. */
function alongside({ samples, gift }: AdminOrder): string[] {
  return [
    ...samples.map(({ name, sku }) => `Free sample: ${name} (${sku})`),
    ...(gift.wrap ? [gift.hide_prices ? "Gift wrapping, no prices in the parcel" : "Gift wrapping"] : []),
    ...(gift.message ? [`Card: “${gift.message}”`] : []),
  ];
}

/** Hands one parcel to the carrier, or corrects the tracking of one that is on its way. */
export function ShipForm({
  order,
  parcel,
  busy,
  onBack,
  onShip,
}: Asked & { parcel: Parcel; onShip: (body: object) => void }) {
  const isNew = parcel.status === "packed";
  const isDisputed = isNew && ["open", "lost"].includes(order.dispute_status);
  const [tracking, setTracking] = useState<Tracking>({
    carrier: parcel.carrier,
    tracking_number: parcel.tracking_number,
    tracking_url: parcel.tracking_url,
  });
  return (
    <form
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        onShip({ ...filled(tracking), ...(isDisputed && { force: true }) });
      }}
    >
      {isDisputed ? <DisputeWarning order={order} /> : null}
      <p className="text-ink-2">
        {isNew
          ? "The parcel leaves stock, and the buyer is told that it is on its way."
          : "The buyer gets another mail, with the new tracking."}
      </p>
      <TrackingFields value={tracking} onChange={setTracking} carrierRequired />
      <div className="flex justify-end gap-2">
        <Button onClick={onBack}>Back</Button>
        <Button kind="primary" type="submit" busy={busy}>
          {isDisputed ? "Ship despite the dispute" : isNew ? "Ship parcel" : "Change tracking"}
        </Button>
      </div>
    </form>
  );
}

type Tracking = { carrier: string; tracking_number: string; tracking_url: string };
const noTracking: Tracking = { carrier: "", tracking_number: "", tracking_url: "" };

const filled = (tracking: Tracking) =>
  Object.fromEntries(
    Object.entries(tracking)
      .map(([name, value]) => [name, value.trim()] as const)
      .filter(([, value]) => value !== ""),
  );

function TrackingFields({
  value,
  onChange,
  carrierRequired = false,
}: {
  value: Tracking;
  onChange: (value: Tracking) => void;
  carrierRequired?: boolean;
}) {
  const field = (name: keyof Tracking) => ({
    value: value[name],
    autoComplete: "off",
    onChange: (event: ChangeEvent<HTMLInputElement>) => onChange({ ...value, [name]: event.target.value }),
  });
  return (
    <>
      <div className="grid gap-3 desk:grid-cols-2">
        <TextField label="Carrier" required={carrierRequired} maxLength={80} {...field("carrier")} />
        <TextField label="Tracking number" maxLength={80} className="font-mono" {...field("tracking_number")} />
      </div>
      <TextField
        label="Tracking link"
        type="url"
        hint="The page where the buyer follows the parcel."
        {...field("tracking_url")}
      />
    </>
  );
}

const many = (units: number) => `${units} ${units === 1 ? "unit" : "units"}`;

/** Ends the links that were mailed: for one that was forwarded, or that a stranger has seen. */
export function RevokeLinksForm({ order, busy, onBack, onRevoke }: Asked & { onRevoke: () => void }) {
  return (
    <form
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        onRevoke();
      }}
    >
      <p className="text-ink-2">
        Links in e-mails that were sent so far, and pages that are open without an account, stop showing {order.number}.
        The buyer can have a new link sent to {order.customer.email} from “Find your order”.
        {order.customer.id ? " Signed in, they see it as before." : ""}
      </p>
      <div className="flex justify-end gap-2">
        <Button onClick={onBack}>Keep the links</Button>
        <Button kind="danger" type="submit" busy={busy}>
          Revoke links
        </Button>
      </div>
    </form>
  );
}

/** The end of an order. What was paid for it goes back, and the button says how much. */
export function CancelForm({ order, busy, onBack, onCancel }: Asked & { onCancel: (body: object) => void }) {
  const isPartlySent = order.fulfilment_status !== "unfulfilled";
  const back = order.refundable.amount && !isPartlySent ? formatMoney(order.refundable) : "";
  const what = isPartlySent ? "Cancel the unsent units" : `Cancel ${order.number}`;
  return (
    <form
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        onCancel({ reason: String(new FormData(event.currentTarget).get("reason")).trim() });
      }}
    >
      <p className="text-ink-2">{cancelWords(order)}</p>
      <TextField label="Reason" name="reason" required maxLength={200} autoComplete="off" />
      <div className="flex justify-end gap-2">
        <Button onClick={onBack}>Keep the order</Button>
        <Button kind="danger" type="submit" busy={busy}>
          {back ? `${what}, refund ${back}` : what}
        </Button>
      </div>
    </form>
  );
}
