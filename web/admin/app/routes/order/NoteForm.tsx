import type { AdminOrder } from "../../types";
import { Button } from "../../ui/Button";
import { TextArea } from "../../ui/Field";
import { when } from "../../ui/time";

export function NoteForm({
  onSave,
  busy,
  notes,
}: {
  onSave: (text: string) => Promise<boolean>;
  busy: boolean;
  notes: AdminOrder["notes"];
}) {
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
      <form
        className="grid gap-2"
        onSubmit={async (event) => {
          event.preventDefault();
          const form = event.currentTarget;
          const text = String(new FormData(form).get("text")).trim();
          if (text && (await onSave(text))) form.reset();
        }}
      >
        <TextArea label="Note for the house" name="text" hint="Seen by staff only." required rows={2} />
        <div>
          <Button type="submit" busy={busy}>
            Keep the note
          </Button>
        </div>
      </form>
    </div>
  );
}
