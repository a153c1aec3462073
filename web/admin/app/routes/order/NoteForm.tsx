import type { AdminOrder } from "../../types";
import { Button } from "../../ui/Button";
import { TextArea } from "../../ui/Field";
import { when } from "../../ui/time";

export function NoteForm({
  onSave,
  busy,
  notes,
}: {
  /** null: this role reads notes only. */
  onSave: ((text: string) => Promise<boolean>) | null;
  busy: boolean;
  notes: AdminOrder["notes"];
}) {
  if (!onSave && notes.length === 0) return null;
  return (
    <div className="border-t border-line px-4 py-3">
      {notes.map((note) => (
        <p key={note.id} className="pb-2">
          {note.text}{" "}
          <span className="text-xs text-ink-3">
            {note.author}, {when(note.at)}
          </span>
        </p>
      ))}
      {onSave ? (
        <form
          className="grid gap-2"
          onSubmit={async (event) => {
            event.preventDefault();
            const form = event.currentTarget;
            const text = String(new FormData(form).get("text")).trim();
            if (text && (await onSave(text))) form.reset();
          }}
        >
          <TextArea label="Internal note" name="text" hint="Seen by staff only." required rows={2} />
          <div>
            <Button type="submit" busy={busy}>
              Save note
            </Button>
          </div>
        </form>
      ) : null}
    </div>
  );
}
