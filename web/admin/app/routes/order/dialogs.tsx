import { formatMoney } from "@noirel/shared/money";
import { type ChangeEvent, useState } from "react";
import { orders } from "../../api";
import type { AdminOrder } from "../../types";
import { ActionForm, textOf, useActionForm } from "../../ui/ActionForm";
import { Button } from "../../ui/Button";
import { TextArea, TextField } from "../../ui/Field";
import { useToast } from "../../ui/Toast";
import { when } from "../../ui/time";
import { cancelWords, type Parcel, unpacked } from "./actions";
import { UnitsSelect } from "./UnitsSelect";
import { useOrderForm } from "./useOrderForm";

type Props = { order: AdminOrder; onClose: () => void };

/** Taking what the bank has set aside. */
export function CaptureForm({ order, onClose }: Props) {
  const { form, act } = useOrderForm({ order, onClose });
  const sum = formatMoney(order.totals.total);
  return (
    <ActionForm
      form={form}
      onSubmit={() => act("capture", {}, `${sum} captured`)}
      submit={`Capture ${sum} for ${order.number}`}
      onBack={onClose}
    >
      <p className="text-ink-2">
        {sum} is taken from {order.customer.name || order.email} now, and the order is paid.
        {order.capture_by ? ` The bank keeps it set aside until ${when(order.capture_by)}; packing takes it too.` : ""}
      </p>
    </ActionForm>
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
export function FulfilForm({ order, onClose, despiteDispute = false }: Props & { despiteDispute?: boolean }) {
  const { form, act } = useOrderForm({ order, onClose });
  const left = order.lines.filter((line) => unpacked(line) > 0);
  const [units, setUnits] = useState(() => Object.fromEntries(left.map((line) => [line.id, unpacked(line)])));
  const [tracking, setTracking] = useState<Tracking>(noTracking);
  // A colleague may have packed some meanwhile: never more than what is left.
  const unitsOf = (line: (typeof left)[number]) => Math.min(units[line.id] ?? 0, unpacked(line));
  const lines = left.map((line) => ({ id: line.id, quantity: unitsOf(line) })).filter(({ quantity }) => quantity > 0);
  const chosen = lines.reduce((sum, { quantity }) => sum + quantity, 0);
  const all = left.reduce((sum, line) => sum + unpacked(line), 0);
  const goesAlong = alongside(order);
  const ships = Object.values(tracking).some((value) => value.trim() !== "");
  const counted = chosen === all ? many(all) : `${chosen} of ${many(all)}`;
  function pack() {
    const first = left[0];
    if (!chosen && first) return form.reject({ [`lines.${first.id}`]: "Choose what goes into the parcel." });
    const body = { lines, ...filled(tracking), ...(despiteDispute && { force: true }) };
    return act("fulfil", body, ships ? `${counted} shipped` : `${counted} packed. Ship the parcel when it leaves.`);
  }

  if (!left.length) {
    return (
      <div className="grid gap-4">
        <p role="status">Everything has been packed. A colleague was faster, or it was done in another tab.</p>
        <div className="flex justify-end">
          <Button onClick={onClose}>Back</Button>
        </div>
      </div>
    );
  }
  return (
    <ActionForm
      form={form}
      onSubmit={pack}
      submit={chosen ? (ships ? `Pack and ship ${counted}` : `Pack ${counted}`) : "Pack"}
      onBack={onClose}
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
            <UnitsSelect
              label={`Units of ${line.name} ${line.variant_title}`}
              most={unpacked(line)}
              value={unitsOf(line)}
              onChange={(count) => setUnits({ ...units, [line.id]: count })}
              {...form.field(`lines.${line.id}`)}
            />
          </li>
        ))}
      </ul>
      {goesAlong.length ? (
        <div>
          <p className="pb-1 font-medium">{order.shipments.length ? "Packed with the first parcel" : "Pack with it"}</p>
          <ul aria-label="Also in the parcel" className="grid gap-0.5 text-ink-2">
            {goesAlong.map((thing) => (
              <li key={thing}>{thing}</li>
            ))}
          </ul>
        </div>
      ) : null}
      <fieldset className="grid gap-3">
        <legend className="pb-1 font-medium">Tracking, if you have it already</legend>
        <TrackingFields form={form} value={tracking} onChange={setTracking} />
      </fieldset>
      <p aria-live="polite" className="text-ink-2">
        {ships
          ? "The parcel leaves stock, and the buyer gets an e-mail that it is on its way."
          : "The parcel waits for the carrier. Its units stay in stock until it ships."}
      </p>
    </ActionForm>
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
export function ShipForm({ order, parcel, onClose }: Props & { parcel: Parcel }) {
  const form = useActionForm();
  const say = useToast();
  const isNew = parcel.status === "packed";
  const isDisputed = isNew && ["open", "lost"].includes(order.dispute_status);
  const [tracking, setTracking] = useState<Tracking>({
    carrier: parcel.carrier,
    tracking_number: parcel.tracking_number,
    tracking_url: parcel.tracking_url,
  });
  function ship() {
    const body = { ...filled(tracking), ...(isDisputed && { force: true }) };
    return form.send({
      content: ["ship", parcel.id, body],
      request: (key) => orders.shipParcel(parcel.id, body, key),
      done: () => {
        say(isNew ? "The parcel is on its way" : "Tracking changed");
        onClose();
      },
    });
  }

  return (
    <ActionForm
      form={form}
      onSubmit={ship}
      submit={isDisputed ? "Ship despite the dispute" : isNew ? "Ship parcel" : "Change tracking"}
      onBack={onClose}
    >
      {isDisputed ? <DisputeWarning order={order} /> : null}
      <p className="text-ink-2">
        {isNew
          ? "The parcel leaves stock, and the buyer gets an e-mail that it is on its way."
          : "The buyer gets another e-mail with the new tracking details."}
      </p>
      <TrackingFields form={form} value={tracking} onChange={setTracking} carrierRequired />
    </ActionForm>
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
  form,
  value,
  onChange,
  carrierRequired = false,
}: {
  form: ReturnType<typeof useActionForm>;
  value: Tracking;
  onChange: (value: Tracking) => void;
  carrierRequired?: boolean;
}) {
  const field = (name: keyof Tracking) => ({
    ...form.field(name),
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
export function RevokeLinksForm({ order, onClose }: Props) {
  const { form, act } = useOrderForm({ order, onClose });
  return (
    <ActionForm
      form={form}
      onSubmit={() => act("revoke-links", {}, "All links to this order are revoked")}
      submit="Revoke links"
      kind="danger"
      back="Keep the links"
      onBack={onClose}
    >
      <p className="text-ink-2">
        Links in e-mails that were sent so far, and pages that are open without an account, stop showing {order.number}.
        The buyer can have a new link sent to {order.customer.email} from “Find your order”.
        {order.customer.id ? " Signed in, they see it as before." : ""}
      </p>
    </ActionForm>
  );
}

/** The end of an order. What was paid for it goes back, and the button says how much. */
export function CancelForm({ order, onClose }: Props) {
  const { form, act } = useOrderForm({ order, onClose });
  const isPartlySent = order.fulfilment_status !== "unfulfilled";
  const back = order.refundable.amount && !isPartlySent ? formatMoney(order.refundable) : "";
  const what = isPartlySent ? "Cancel the unsent units" : `Cancel ${order.number}`;
  return (
    <ActionForm
      form={form}
      onSubmit={(values) =>
        act(
          "cancel",
          { reason: textOf(values, "reason"), note: textOf(values, "note") },
          `${order.number} is cancelled and its stock released`,
        )
      }
      submit={back ? `${what}, refund ${back}` : what}
      kind="danger"
      back="Keep the order"
      onBack={onClose}
    >
      <p className="text-ink-2">{cancelWords(order)}</p>
      <TextField
        label="Reason"
        required
        maxLength={200}
        autoComplete="off"
        hint={isPartlySent ? "Kept on record. The buyer doesn’t see it." : "The buyer sees it on the order’s page."}
        {...form.field("reason")}
      />
      <TextArea
        label="Internal note"
        hint="Optional. Seen by staff only."
        rows={2}
        maxLength={2000}
        {...form.field("note")}
      />
    </ActionForm>
  );
}
