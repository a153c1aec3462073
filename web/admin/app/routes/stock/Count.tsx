import { useState } from "react";
import { inventory } from "../../api";
import type { InventoryRow } from "../../types";
import { ActionForm, textOf, useActionForm } from "../../ui/ActionForm";
import { TextField } from "../../ui/Field";
import { useToast } from "../../ui/Toast";

/** A physical count of everything in the building. If stock moved while it was counted, nothing is overwritten. */
export function Count({ row }: { row: InventoryRow }) {
  const [typed, type] = useState("");
  const form = useActionForm();
  // What the books said when this form was opened, or last believed: what is counted is compared with that.
  const [seen, look] = useState(row.on_hand);
  const say = useToast();

  const counted = typed === "" ? Number.NaN : Number(typed);
  const right = Number.isInteger(counted) && counted >= 0;
  const by = right ? counted - seen : 0;

  function save(values: FormData) {
    if (!right) return form.reject({ counted: "Enter a whole number, 0 or more." });
    const body = { counted, seen, note: textOf(values, "note") };
    return form.send({
      content: body,
      request: (key) => inventory.count(row.sku, body, key),
      done: (now) => {
        say(by ? `${row.sku}: ${by > 0 ? "+" : "−"}${Math.abs(by)} by the count` : `${row.sku}: the count matches`);
        look(now.on_hand);
        type("");
        form.element.current?.reset();
      },
      refused: (problem) => {
        if (problem.code !== "count_moved") return null;
        const there = Number(problem.extra.on_hand);
        look(there);
        return {
          counted: `Stock moved while you counted: ${there} should be here now. Check and count again.`,
        };
      },
    });
  }

  return (
    <ActionForm form={form} onSubmit={save} submit="Enter the count" kind="quiet">
      <TextField
        label="Units you counted"
        inputMode="numeric"
        autoComplete="off"
        value={typed}
        onChange={(event) => type(event.target.value.trim())}
        hint={
          right
            ? by
              ? `${Math.abs(by)} ${by > 0 ? "more" : "fewer"} than the ${seen} that should be here`
              : "Matches the expected number"
            : row.committed
              ? `${seen} should be here now. Count the ${row.committed} that ${row.committed === 1 ? "is" : "are"} paid and not shipped too, packed or not.`
              : `${seen} should be here now`
        }
        {...form.field("counted")}
      />
      <TextField label="Note" autoComplete="off" maxLength={500} {...form.field("note")} />
    </ActionForm>
  );
}
