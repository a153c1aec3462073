import { formatMoney } from "@noirel/shared/money";
import { useState } from "react";
import type { AdminOrder } from "../../types";
import { ActionForm, textOf } from "../../ui/ActionForm";
import { Select, TextField } from "../../ui/Field";
import { parseMajor, toMajor } from "../../ui/major";
import { priceOfUnits, refundOf, unitsBack } from "./actions";
import { UnitsSelect } from "./UnitsSelect";
import { useOrderForm } from "./useOrderForm";

const reasons = ["Returned", "Damaged on arrival", "Did not arrive", "Not as described", "Goodwill"];

/** Money of this order that goes back: some units, or a sum. The button says how much, and pressing it twice sends it once. */
export function RefundDialog({ order, onClose }: { order: AdminOrder; onClose: () => void }) {
  const { form, act } = useOrderForm({ order, onClose });
  const [by, choose] = useState<"lines" | "sum">("lines");
  const [units, setUnits] = useState<Record<string, number>>({});
  const [restock, setRestock] = useState(order.fulfilment_status === "unfulfilled");
  const [typed, type] = useState("");

  const left = formatMoney(order.refundable);
  const amount = parseMajor(typed, order.currency);
  const refund = refundOf(order, by === "lines" ? { by, units, restock } : { by, amount });
  const tooMuch = refund !== null && refund.amount.amount > order.refundable.amount;
  const sum = refund ? formatMoney(refund.amount) : "";

  function send(values: FormData) {
    const line = order.lines.find(({ id, quantity }) => quantity > unitsBack(order, id));
    if (!refund) {
      return form.reject(
        by === "lines"
          ? { [`lines.${line?.id}`]: "Choose how many units go back." }
          : { amount: `Enter an amount like ${toMajor(order.refundable)}.` },
      );
    }
    if (tooMuch) return form.reject({ [by === "sum" ? "amount" : ""]: `Only ${left} is left to refund.` });
    const body = { ...refund, reason: textOf(values, "reason"), note: textOf(values, "note") };
    return act("refund", body, `${sum} of ${formatMoney(order.totals.total)} will be refunded`);
  }

  return (
    <ActionForm
      form={form}
      onSubmit={send}
      submit={refund ? `Refund ${sum} of ${order.number}` : `Refund ${order.number}`}
      kind="danger"
      onBack={onClose}
    >
      <p className="text-ink-2">
        {left} of {formatMoney(order.totals.total)} is left to refund.
      </p>
      <RefundMode
        value={by}
        onChange={(value) => {
          choose(value);
          form.reject({});
        }}
      />

      {by === "lines" ? (
        <div className="grid gap-2">
          <ul aria-label="Lines">
            {order.lines.map((line) => {
              const back = unitsBack(order, line.id);
              const most = line.quantity - back;
              const chosen = units[line.id] ?? 0;
              return (
                <li key={line.id} className="grid grid-cols-[1fr_auto_5.5rem] items-center gap-3 py-1.5">
                  <span>
                    {line.name} <span className="text-ink-2">{line.variant_title}</span>
                    {back ? <span className="block text-xs text-ink-3">{back} refunded already</span> : null}
                  </span>
                  <UnitsSelect
                    label={`Units of ${line.name} ${line.variant_title}`}
                    most={most}
                    value={chosen}
                    onChange={(count) => setUnits({ ...units, [line.id]: count })}
                    {...form.field(`lines.${line.id}`)}
                  />
                  <span className="text-end text-ink-2">
                    {formatMoney({ amount: priceOfUnits(line, back, chosen), currency: order.currency })}
                  </span>
                </li>
              );
            })}
          </ul>
          <label className="flex min-h-6 items-center gap-2 max-desk:min-h-11">
            <input
              type="checkbox"
              checked={restock}
              onChange={(event) => setRestock(event.target.checked)}
              className="size-4 accent-(--color-ink)"
            />
            Return these units to stock
          </label>
        </div>
      ) : (
        <TextField
          label={`Amount in ${order.currency}`}
          inputMode="decimal"
          autoComplete="off"
          value={typed}
          onChange={(event) => type(event.target.value)}
          hint="Nothing is put back in stock."
          {...form.field("amount")}
        />
      )}

      <div className="grid gap-3 desk:grid-cols-2">
        <Select label="Reason" hint="The buyer sees it." defaultValue={reasons[0]} {...form.field("reason")}>
          {reasons.map((reason) => (
            <option key={reason}>{reason}</option>
          ))}
        </Select>
        <TextField
          label="Internal note"
          hint="Seen by staff only."
          autoComplete="off"
          maxLength={500}
          {...form.field("note")}
        />
      </div>
      <p aria-live="polite" className={tooMuch ? "text-danger" : "text-ink-2"}>
        {tooMuch
          ? `${sum} is more than the ${left} that is left.`
          : refund
            ? `${sum} goes back to ${order.customer.name || order.email} the way it came, in 5 to 7 working days. It can’t be undone.`
            : "Nothing to refund yet."}
      </p>
    </ActionForm>
  );
}

/** By line or by amount, as a segmented control. */
function RefundMode({ value, onChange }: { value: "lines" | "sum"; onChange: (value: "lines" | "sum") => void }) {
  return (
    <fieldset className="grid grid-cols-2 gap-1 rounded-admin bg-sunk p-1">
      <legend className="sr-only">What goes back</legend>
      {(["lines", "sum"] as const).map((mode) => (
        <label
          key={mode}
          className="flex h-8 cursor-pointer items-center justify-center rounded-admin has-checked:bg-raised has-checked:font-medium has-checked:outline has-checked:outline-line has-focus-visible:outline-2 has-focus-visible:outline-ink max-desk:h-11"
        >
          <input
            type="radio"
            name="by"
            value={mode}
            checked={value === mode}
            onChange={() => onChange(mode)}
            className="sr-only"
          />
          {mode === "lines" ? "By line" : "An amount"}
        </label>
      ))}
    </fieldset>
  );
}
