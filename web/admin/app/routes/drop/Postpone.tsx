import { Problem } from "@noirel/shared/api/problem";
import { useIdempotencyKeys } from "@noirel/shared/idempotency";
import { useState } from "react";
import { drops } from "../../api";
import type { AdminDrop } from "../../types";
import { Button } from "../../ui/Button";
import { DateTimeField } from "../../ui/DateTimeField";
import { TextArea } from "../../ui/Field";
import { useToast } from "../../ui/Toast";
import { fromLocal, toLocal } from "../../ui/time";
import { useAct } from "../../ui/useAct";

type PostponeProps = { drop: AdminDrop; etag: string; consequence: string; onDone: () => void };

/** Moves an announced drop to a later time: its opening and its end before it opens, its end alone afterwards. */
export function Postpone({ drop, etag, consequence, onDone }: PostponeProps) {
  const hasOpened = Date.parse(drop.opens_at) <= Date.now();
  const lottery = drop.mode === "lottery";
  const [opensAt, setOpensAt] = useState(toLocal(drop.opens_at));
  const [closesAt, setClosesAt] = useState(toLocal(drop.closes_at));
  const [reason, setReason] = useState("");
  const [errors, setErrors] = useState<Record<string, string>>({});
  const keys = useIdempotencyKeys();
  const { busy, problem, take } = useAct();
  const say = useToast();

  async function postpone() {
    const changed = (at: string, before: string | null) => at !== toLocal(before) && fromLocal(at);
    const opens_at = !hasOpened && changed(opensAt, drop.opens_at);
    const closes_at = changed(closesAt, drop.closes_at);
    const data = { ...(opens_at && { opens_at }), ...(closes_at && { closes_at }), reason: reason.trim() };
    setErrors({});
    try {
      await keys.send(["postpone", data, etag], (key) => drops.act(drop.slug, "postpone", data, etag, key));
    } catch (error) {
      if (error instanceof Problem) {
        setErrors(Object.fromEntries(error.errors.map(({ field, message }) => [field, message])));
      }
      throw error;
    }
    say(`${drop.name} is postponed`);
    onDone();
  }

  return (
    <form
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        void take(postpone);
      }}
    >
      <p className="text-ink-2">{consequence}</p>
      {hasOpened ? null : (
        <DateTimeField
          label={lottery ? "Entries open" : "Opens"}
          value={opensAt}
          onChange={({ target }) => setOpensAt(target.value)}
          error={errors.opens_at}
        />
      )}
      {drop.closes_at ? (
        <DateTimeField
          label={lottery ? "Entries close" : "Closes"}
          value={closesAt}
          onChange={({ target }) => setClosesAt(target.value)}
          error={errors.closes_at}
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
      />
      {problem && Object.keys(errors).length === 0 ? (
        <p role="alert" className="text-danger">
          {problem}
        </p>
      ) : null}
      <div className="flex justify-end gap-2">
        <Button onClick={onDone}>Not now</Button>
        <Button type="submit" kind="primary" busy={busy}>
          Postpone {drop.name}
        </Button>
      </div>
    </form>
  );
}
