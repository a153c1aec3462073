import { useState } from "react";
import { useRevalidator } from "react-router";
import { inventory } from "../../api";
import type { InventoryRow } from "../../types";
import { ActionForm, textOf, useActionForm } from "../../ui/ActionForm";
import { errorMessage } from "../../ui/error-message";
import { TextField } from "../../ui/Field";
import { parseWhole, wrongWhole } from "../../ui/number";
import { useToast } from "../../ui/Toast";

const MOST = 1_000_000;

/** Whether a count is so far from the books that it is asked about first: a slip of the hand more often than a loss. */
export const isFarOff = (counted: number, seen: number): boolean => Math.abs(counted - seen) >= Math.max(20, seen / 2);

/** A physical count of everything in the building. If stock moved while it was counted, nothing is overwritten. */
export function Count({ row }: { row: InventoryRow }) {
  const [typed, type] = useState("");
  const [confirmed, confirm] = useState<number | null>(null); // a count that is far off, pressed once
  const form = useActionForm();
  // What the books said when this form was opened, or last believed: what is counted is compared with that.
  const [seen, look] = useState(row.on_hand);
  const reload = useRevalidator();
  const say = useToast();

  const counted = parseWhole(typed);
  const wrong = wrongWhole(counted, { from: 0, to: MOST });
  const by = counted === null ? 0 : counted - seen;
  const asks = counted !== null && confirmed === counted && isFarOff(counted, seen);

  function save(values: FormData) {
    if (counted === null || wrong) return form.reject({ counted: wrong ?? "" });
    if (isFarOff(counted, seen) && confirmed !== counted) {
      confirm(counted);
      return form.reject({
        counted: `${Math.abs(by)} ${by > 0 ? "more" : "fewer"} than the ${seen} that should be here. Press again if that is right.`,
      });
    }
    const body = { counted, seen, note: textOf(values, "note") };
    const undo = { delta: -by, reason: "correction", note: "Undone" };
    return form.send({
      content: body,
      request: (key) => inventory.count(row.sku, body, key),
      done: (now) => {
        if (!by) say(`${row.sku}: the count matches`);
        else {
          say(`${row.sku}: ${by > 0 ? "+" : "−"}${Math.abs(by)} by the count`, {
            label: "Undo",
            run: () =>
              void form.keys
                .send([row.sku, undo], (key) => inventory.adjust(row.sku, undo, key))
                .then(({ on_hand }) => look(on_hand))
                .then(() => reload.revalidate())
                .catch((error: unknown) => say(errorMessage(error))),
          });
        }
        look(now.on_hand);
        type("");
        confirm(null);
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
    <ActionForm
      form={form}
      onSubmit={save}
      submit={asks ? `Set it to ${counted}` : "Enter the count"}
      kind={asks ? "danger" : "quiet"}
    >
      <TextField
        label="Units you counted"
        inputMode="numeric"
        autoComplete="off"
        value={typed}
        onChange={(event) => type(event.target.value)}
        hint={
          counted !== null
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
