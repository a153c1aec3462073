import { orders } from "../../api";
import type { AdminOrder } from "../../types";
import { ActionForm, textOf, useActionForm } from "../../ui/ActionForm";
import { TextArea } from "../../ui/Field";
import { useToast } from "../../ui/Toast";
import { when } from "../../ui/time";

/** The notes of staff on an order, and a field for another one. */
export function NoteForm({ order, canWrite }: { order: AdminOrder; canWrite: boolean }) {
  if (!canWrite && order.notes.length === 0) return null;
  return (
    <div className="border-t border-line px-4 py-3">
      {order.notes.map((note) => (
        <p key={note.id} className="pb-2 wrap-anywhere">
          {note.text}{" "}
          <span className="text-xs text-ink-3">
            {note.author}, {when(note.at)}
          </span>
        </p>
      ))}
      {canWrite ? <Write order={order} /> : null}
    </div>
  );
}

function Write({ order }: { order: AdminOrder }) {
  const form = useActionForm();
  const say = useToast();

  function save(values: FormData) {
    const body = { text: textOf(values, "text") };
    if (!body.text) return form.reject({ text: "Enter a note." });
    return form.send({
      content: body,
      request: (key) => orders.act(order.number, "notes", body, key),
      done: () => {
        say("Note saved");
        form.element.current?.reset();
      },
    });
  }

  return (
    <ActionForm form={form} onSubmit={save} submit="Save note" kind="quiet">
      <TextArea label="Internal note" hint="Seen by staff only." required rows={2} {...form.field("text")} />
    </ActionForm>
  );
}
