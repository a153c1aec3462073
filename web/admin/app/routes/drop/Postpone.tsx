import { useState } from "react";
import { drops } from "../../api";
import type { AdminDrop } from "../../types";
import { ActionForm, useActionForm } from "../../ui/ActionForm";
import { DateTimeField } from "../../ui/DateTimeField";
import { TextArea } from "../../ui/Field";
import { useToast } from "../../ui/Toast";
import { fromLocal, toLocal } from "../../ui/time";

type PostponeProps = { drop: AdminDrop; etag: string; consequence: string; onDone: () => void };

/** Moves an announced drop to a later time: its opening and its end before it opens, its end alone afterwards. */
export function Postpone({ drop, etag, consequence, onDone }: PostponeProps) {
  const hasOpened = Date.parse(drop.opens_at) <= Date.now();
  const lottery = drop.mode === "lottery";
  const [opensAt, setOpensAt] = useState(toLocal(drop.opens_at));
  const [closesAt, setClosesAt] = useState(toLocal(drop.closes_at));
  const [reason, setReason] = useState("");
  const form = useActionForm();
  const say = useToast();

  function postpone() {
    const changed = (at: string, before: string | null) => at !== toLocal(before) && fromLocal(at);
    const opens_at = !hasOpened && changed(opensAt, drop.opens_at);
    const closes_at = changed(closesAt, drop.closes_at);
    const data = { ...(opens_at && { opens_at }), ...(closes_at && { closes_at }), reason: reason.trim() };
    return form.send({
      content: ["postpone", data, etag],
      request: (key) => drops.act(drop.slug, "postpone", data, etag, key),
      done: () => {
        say(`${drop.name} is postponed`);
        onDone();
      },
    });
  }

  return (
    <ActionForm form={form} onSubmit={postpone} submit={`Postpone ${drop.name}`} back="Not now" onBack={onDone}>
      <p className="text-ink-2">{consequence}</p>
      {hasOpened ? null : (
        <DateTimeField
          label={lottery ? "Entries open" : "Opens"}
          value={opensAt}
          onChange={({ target }) => setOpensAt(target.value)}
          {...form.field("opens_at")}
        />
      )}
      {drop.closes_at ? (
        <DateTimeField
          label={lottery ? "Entries close" : "Closes"}
          value={closesAt}
          onChange={({ target }) => setClosesAt(target.value)}
          {...form.field("closes_at")}
          hint={hasOpened ? "" : "Left as it is, it moves along with the opening."}
        />
      ) : null}
      <TextArea
        label="Reason"
        hint="Optional. Shown on the page of the drop and in the mail."
        rows={3}
        maxLength={500}
        value={reason}
        onChange={({ target }) => setReason(target.value)}
        {...form.field("reason")}
      />
    </ActionForm>
  );
}
