import { formatMoney } from "@noirel/shared/money";
import type { AdminOrder } from "../../types";
import { Button } from "../../ui/Button";
import { TextField } from "../../ui/Field";
import { when } from "../../ui/time";
import { cancelWords } from "./acts";

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

export function FulfilForm({
  order,
  busy,
  onBack,
  onFulfil,
  despiteDispute = false,
}: Asked & { onFulfil: (body: object) => void; despiteDispute?: boolean }) {
  return (
    <form
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        const form = new FormData(event.currentTarget);
        const carrier = String(form.get("carrier")).trim();
        const tracking_number = String(form.get("tracking_number")).trim();
        const lines = order.lines
          .map((line) => ({ id: line.id, quantity: line.quantity - line.cancelled_quantity - line.fulfilled_quantity }))
          .filter((line) => line.quantity > 0);
        onFulfil({
          lines,
          ...((carrier || tracking_number) && { carrier, tracking_number }),
          ...(despiteDispute && { force: true }),
        });
      }}
    >
      {despiteDispute ? (
        <p>
          {order.dispute_status === "open"
            ? "The buyer’s bank is reviewing this payment. If the dispute is lost, both the goods and the money are gone."
            : `The buyer’s bank has taken ${formatMoney(order.payment.taken_back)} of this payment back.`}
        </p>
      ) : null}
      <p className="text-ink-2">
        Everything in this order that is not yet fulfilled leaves now. The tracking can be added later.
        {order.payment.is_set_aside ? ` ${formatMoney(order.totals.total)} is taken first.` : ""}
      </p>
      <TextField label="Carrier" name="carrier" autoComplete="off" />
      <TextField label="Tracking number" name="tracking_number" autoComplete="off" className="font-mono" />
      <div className="flex justify-end gap-2">
        <Button onClick={onBack}>Back</Button>
        <Button kind="primary" type="submit" busy={busy}>
          Fulfil order
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
