import { isProblem, Problem } from "@noirel/shared/api/problem";
import { useState } from "react";
import { inventory, type Stock, type Terms } from "../../api";
import type { InventoryRow } from "../../types";
import { ActionForm, useActionForm } from "../../ui/ActionForm";
import { Select, TextField } from "../../ui/Field";
import { useToast } from "../../ui/Toast";
import { onDay, today, wrongDate } from "../../ui/time";

const policies: Record<InventoryRow["policy"], [label: string, says: string]> = {
  deny: ["Show it as sold out", "It can’t be bought."],
  backorder: ["Sell it as a backorder", "Shoppers see “Made to order” and when it ships."],
  preorder: ["Sell it as a pre-order", "Shoppers see “Pre-order” and when it ships."],
};

const inWords = ({ tracked, policy, expected_on }: Required<Terms>): string =>
  tracked
    ? `“${policies[policy][0]}”${policy !== "deny" && expected_on ? `, expected on ${onDay(expected_on)}` : ""}.`
    : "not counted.";

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
      const theirs = await inventory.get(row.sku);
      see(theirs.etag);
      throw new Problem(412, {
        title: `Someone else has changed these terms. Theirs: ${inWords(theirs)} Yours: ${inWords(terms)} Save again to replace theirs.`,
      });
    }
  }

  function save() {
    const day = terms.expected_on;
    if (ahead && day && day !== row.expected_on && (wrongDate(day) || day < today())) {
      return form.reject({ expected_on: wrongDate(day) ?? "Enter today or a later day." });
    }
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
    <ActionForm form={form} onSubmit={save} submit="Save terms" kind="quiet" disabled={!dirty}>
      <label className="flex min-h-6 items-center gap-2 max-desk:min-h-11">
        <input
          type="checkbox"
          checked={terms.tracked}
          onChange={(event) => change({ ...terms, tracked: event.target.checked })}
          className="size-4 accent-(--color-ink)"
        />
        Track stock
      </label>
      {terms.tracked ? (
        <Select
          label="When it runs out"
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
        <p className="text-ink-2">Always available, in any quantity.</p>
      )}
      {ahead ? (
        <TextField
          label="Expected on"
          type="date"
          value={terms.expected_on ?? ""}
          onChange={(event) => change({ ...terms, expected_on: event.target.value || null })}
          hint="Delivery promises start from this day. Without it, no day is promised."
          {...form.field("expected_on")}
        />
      ) : null}
    </ActionForm>
  );
}
