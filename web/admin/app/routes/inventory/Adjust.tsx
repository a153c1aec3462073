import { useIdempotencyKeys } from "@noirel/shared/idempotency";
import { useState } from "react";
import { useRevalidator } from "react-router";
import { inventory } from "../../api";
import type { InventoryRow } from "../../types";
import { Button } from "../../ui/Button";
import { Select, TextField } from "../../ui/Field";
import { said } from "../../ui/said";
import { useToast } from "../../ui/Toast";
import { useAct } from "../../ui/useAct";
import { reasons, signOf } from "./words";

/** Changes what is on hand by a movement, which can be taken back for a while by one against it. */
export function Adjust({ row, onDone, onBack }: { row: InventoryRow; onDone: () => void; onBack?: () => void }) {
  const [units, setUnits] = useState("");
  const [reason, choose] = useState("received");
  const { busy, problem, blame, take } = useAct();
  const keys = useIdempotencyKeys();
  const reload = useRevalidator();
  const say = useToast();

  const typed = Number(units);
  const sign = signOf(reason);
  const delta = sign === 0 ? typed : sign * Math.abs(typed);
  const after = Number.isInteger(delta) ? row.on_hand + delta : row.on_hand;

  async function save(form: HTMLFormElement) {
    if (!Number.isInteger(delta) || delta === 0) {
      blame("A whole number other than 0.");
      return;
    }
    await take(async () => {
      const note = String(new FormData(form).get("note")).trim();
      const body = { delta, reason, note };
      await keys.send([row.sku, body], (key) => inventory.adjust(row.sku, body, key));
      say(`${row.product.name} ${row.variant_title}: ${delta > 0 ? "+" : "−"}${Math.abs(delta)}, ${after} on hand`, {
        label: "Undo",
        run: () =>
          void keys
            .send("undo", (key) =>
              inventory.adjust(row.sku, { delta: -delta, reason: "correction", note: "Undone" }, key),
            )
            .then(() => reload.revalidate())
            .catch((error: unknown) => say(said(error))),
      });
      setUnits("");
      form.reset();
      onDone();
    });
  }

  return (
    <form
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        void save(event.currentTarget);
      }}
    >
      <p className="text-ink-2">
        {row.on_hand} on hand: {row.available} available, {row.reserved} in checkouts, {row.committed} paid and not
        shipped.
      </p>
      <div className="grid grid-cols-2 gap-3">
        <Select label="Reason" value={reason} onChange={(event) => choose(event.target.value)}>
          {reasons.map(({ value, label }) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </Select>
        <TextField
          label={sign > 0 ? "How many came" : sign < 0 ? "How many went" : "Change by"}
          inputMode={sign === 0 ? "text" : "numeric"}
          required
          value={units}
          onChange={(event) => {
            setUnits(event.target.value.trim().replace("−", "-"));
            blame("");
          }}
          error={problem || undefined}
          hint={`${after} on hand afterwards`}
          autoComplete="off"
        />
      </div>
      <TextField label="Note" name="note" autoComplete="off" maxLength={500} />
      <div className="flex justify-end gap-2">
        {onBack ? <Button onClick={onBack}>Back</Button> : null}
        <Button kind="primary" type="submit" busy={busy}>
          Adjust stock
        </Button>
      </div>
    </form>
  );
}
