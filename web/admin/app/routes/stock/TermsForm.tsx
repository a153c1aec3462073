import { isProblem, Problem } from "@noirel/shared/api/problem";
import { useState } from "react";
import { inventory, type Stock, type Terms } from "../../api";
import type { InventoryRow } from "../../types";
import { ActionForm, useActionForm } from "../../ui/ActionForm";
import { Select, TextField } from "../../ui/Field";
import { useToast } from "../../ui/Toast";

const policies: Record<InventoryRow["policy"], [label: string, says: string]> = {
  deny: ["It is sold out", "Nobody can take more than there are."],
  backorder: ["It is sold ahead, as a backorder", "Shoppers read “Made to order” and when it leaves."],
  preorder: ["It is sold ahead, as a pre-order", "Shoppers read “Pre-order” and when it leaves."],
};

/** What shoppers meet when there is none left, and the day they are told. */
export function TermsForm({ row }: { row: Stock }) {
  const [terms, change] = useState<Required<Terms>>({
    tracked: row.tracked,
    policy: row.policy,
    expected_on: row.expected_on,
  });
  const form = useActionForm();
  const [etag, see] = useState(row.etag);
  const say = useToast();
  const ahead = terms.tracked && terms.policy !== "deny";
  const dirty =
    terms.tracked !== row.tracked ||
    terms.policy !== row.policy ||
    (ahead && (terms.expected_on || null) !== row.expected_on);

  async function write(data: Terms) {
    try {
      await inventory.terms(row.sku, data, etag);
    } catch (error) {
      if (!isProblem(error) || error.status !== 412) throw error;
      // Somebody else was faster: saving once more replaces what they chose.
      see((await inventory.get(row.sku)).etag);
      throw new Problem(412, {
        title: "Somebody changed these terms meanwhile. Save again to replace theirs, or reload to see them.",
      });
    }
  }

  function save() {
    const data = {
      tracked: terms.tracked,
      policy: terms.policy,
      ...(ahead && { expected_on: terms.expected_on || null }),
    };
    return form.send({
      content: [data, etag],
      request: () => write(data),
      done: () => say(`The terms of ${row.sku} are saved`),
    });
  }

  return (
    <ActionForm form={form} onSubmit={save} submit="Save the terms" kind="quiet" disabled={!dirty}>
      <label className="flex min-h-6 items-center gap-2 max-desk:min-h-11">
        <input
          type="checkbox"
          checked={terms.tracked}
          onChange={(event) => change({ ...terms, tracked: event.target.checked })}
          className="size-4 accent-(--color-ink)"
        />
        Its stock is counted
      </label>
      {terms.tracked ? (
        <Select
          label="When there is none left"
          value={terms.policy}
          hint={policies[terms.policy][1]}
          onChange={(event) => change({ ...terms, policy: event.target.value as InventoryRow["policy"] })}
          {...form.field("policy")}
        >
          {Object.entries(policies).map(([value, [label]]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </Select>
      ) : (
        <p className="text-ink-2">It can always be had, in any number.</p>
      )}
      {ahead ? (
        <TextField
          label="More of it comes on"
          type="date"
          value={terms.expected_on ?? ""}
          onChange={(event) => change({ ...terms, expected_on: event.target.value || null })}
          hint="The delivery promise begins on that day. Without one no day is promised."
          {...form.field("expected_on")}
        />
      ) : null}
    </ActionForm>
  );
}
