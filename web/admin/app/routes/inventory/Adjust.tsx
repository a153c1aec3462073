import { useState } from "react";
import { useRevalidator } from "react-router";
import { inventory } from "../../api";
import type { InventoryRow } from "../../types";
import { ActionForm, textOf, useActionForm } from "../../ui/ActionForm";
import { errorMessage } from "../../ui/error-message";
import { Select, TextField } from "../../ui/Field";
import { parseWhole } from "../../ui/number";
import { useToast } from "../../ui/Toast";
import { reasons, signOf } from "./words";

const MOST = 1_000_000;

/** Changes what is on hand by a movement, which can be taken back for a while by one against it. */
export function Adjust({ row, onDone, onBack }: { row: InventoryRow; onDone: () => void; onBack?: () => void }) {
  const [units, setUnits] = useState("");
  const [reason, choose] = useState("received");
  const form = useActionForm();
  const reload = useRevalidator();
  const say = useToast();

  const sign = signOf(reason);
  // A sign belongs to a correction alone: "Received −5" is no sentence.
  const typed = parseWhole(units, { signed: sign === 0 });
  const delta = typed === null ? 0 : (sign || 1) * typed;
  const after = row.on_hand + delta;

  function save(values: FormData) {
    if (delta === 0 || Math.abs(delta) > MOST) {
      const shown = MOST.toLocaleString("en-IN");
      return form.reject({
        delta:
          sign === 0
            ? `Enter a whole number from −${shown} to ${shown}, but not 0.`
            : `Enter a whole number from 1 to ${shown}.`,
      });
    }
    const body = { delta, reason, note: textOf(values, "note") };
    const undo = { delta: -delta, reason: "correction", note: "Undone" };
    return form.send({
      content: [row.sku, body],
      request: (key) => inventory.adjust(row.sku, body, key),
      done: () => {
        say(`${row.product.name} ${row.variant_title}: ${delta > 0 ? "+" : "−"}${Math.abs(delta)}, ${after} on hand`, {
          label: "Undo",
          run: () =>
            void form.keys
              .send([row.sku, undo], (key) => inventory.adjust(row.sku, undo, key))
              .then(() => reload.revalidate())
              .catch((error: unknown) => say(errorMessage(error))),
        });
        setUnits("");
        form.element.current?.reset();
        onDone();
      },
    });
  }

  return (
    <ActionForm form={form} onSubmit={save} submit="Adjust stock" onBack={onBack}>
      <p className="text-ink-2">
        {row.on_hand} on hand: {row.available} available, {row.reserved} in checkouts, {row.committed} paid and not
        shipped.
      </p>
      <div className="grid grid-cols-2 gap-3">
        <Select
          label="Reason"
          value={reason}
          onChange={(event) => choose(event.target.value)}
          {...form.field("reason")}
        >
          {reasons.map(({ value, label }) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </Select>
        <TextField
          label={sign > 0 ? "Units received" : sign < 0 ? "Units removed" : "Change by"}
          inputMode={sign === 0 ? "text" : "numeric"}
          required
          value={units}
          onChange={(event) => setUnits(event.target.value)}
          hint={`${after} on hand afterwards`}
          autoComplete="off"
          {...form.field("delta")}
        />
      </div>
      <TextField label="Note" autoComplete="off" maxLength={500} {...form.field("note")} />
    </ActionForm>
  );
}
