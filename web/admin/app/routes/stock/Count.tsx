import { isProblem } from "@noirel/shared/api/problem";
import { useIdempotencyKeys } from "@noirel/shared/idempotency";
import { useState } from "react";
import { useRevalidator } from "react-router";
import { inventory } from "../../api";
import type { InventoryRow } from "../../types";
import { Button } from "../../ui/Button";
import { TextField } from "../../ui/Field";
import { said } from "../../ui/said";
import { useToast } from "../../ui/Toast";

/** A physical count of everything in the building. If stock moved while it was counted, nothing is overwritten. */
export function Count({ row }: { row: InventoryRow }) {
  const [typed, type] = useState("");
  const [problem, blame] = useState("");
  const [busy, work] = useState(false);
  const keys = useIdempotencyKeys();
  // What the books said when this form was opened, or last believed: what is counted is compared with that.
  const [seen, look] = useState(row.on_hand);
  const reload = useRevalidator();
  const say = useToast();

  const counted = typed === "" ? Number.NaN : Number(typed);
  const right = Number.isInteger(counted) && counted >= 0;
  const by = right ? counted - seen : 0;

  async function save(form: HTMLFormElement) {
    if (!right) {
      blame("A whole number, 0 or more.");
      return;
    }
    work(true);
    try {
      const note = String(new FormData(form).get("note")).trim();
      const body = { counted, seen, note };
      const now = await keys.send(body, (key) => inventory.count(row.sku, body, key));
      say(by ? `${row.sku}: ${by > 0 ? "+" : "−"}${Math.abs(by)} by the count` : `${row.sku}: the count agrees`);
      look(now.on_hand);
      type("");
      form.reset();
    } catch (error) {
      if (isProblem(error) && error.code === "count_moved") {
        const there = Number(error.extra.on_hand);
        look(there);
        blame(`Stock moved while you counted: ${there} should be here now. Look again, and count once more.`);
      } else {
        blame(said(error));
      }
    } finally {
      await reload.revalidate();
      work(false);
    }
  }

  return (
    <form
      className="grid gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        void save(event.currentTarget);
      }}
    >
      <TextField
        label="Units you counted"
        inputMode="numeric"
        autoComplete="off"
        value={typed}
        onChange={(event) => {
          type(event.target.value.trim());
          blame("");
        }}
        error={problem || undefined}
        hint={
          right
            ? by
              ? `${Math.abs(by)} ${by > 0 ? "more" : "fewer"} than the ${seen} that should be here`
              : "As many as should be here"
            : row.committed
              ? `${seen} should be here now. Count the ${row.committed} that ${row.committed === 1 ? "is" : "are"} paid and not shipped too, packed or not.`
              : `${seen} should be here now`
        }
      />
      <TextField label="Note" name="note" autoComplete="off" maxLength={500} />
      <div className="flex justify-end">
        <Button type="submit" busy={busy}>
          Enter the count
        </Button>
      </div>
    </form>
  );
}
