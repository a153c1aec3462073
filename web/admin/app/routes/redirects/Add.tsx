import { useState } from "react";
import { redirects } from "../../catalogue";
import { ActionForm, useActionForm } from "../../ui/ActionForm";
import { Select, TextField } from "../../ui/Field";
import { useToast } from "../../ui/Toast";
import { addressOf, KINDS, type Kind } from "./words";

/** An address that was written on a parcel or linked from elsewhere, and never was the shop's. */
export function Add({ onDone }: { onDone: () => void }) {
  const [kind, choose] = useState<Kind>("product");
  const [old, typeOld] = useState("");
  const [to, typeTo] = useState("");
  const form = useActionForm();
  const say = useToast();
  const { path } = KINDS[kind];
  const [from, target] = [addressOf(old), addressOf(to)];
  const taken = (type: (text: string) => void) => (text: string) => {
    const { kind: pasted } = addressOf(text);
    if (pasted) choose(pasted);
    type(text);
  };

  function add() {
    const data = { kind, slug: from.slug, to: target.slug };
    const wrong = {
      ...(!from.slug && { slug: from.wrong ?? "Enter the old address." }),
      ...(!target.slug && { to: target.wrong ?? "Enter where it should lead." }),
    };
    if (Object.keys(wrong).length) return form.reject(wrong);
    return form.send({
      content: data,
      request: () => redirects.add(data),
      done: (made) => {
        say(`${path}${made.slug} now redirects to ${made.name}.`);
        onDone();
      },
    });
  }

  return (
    <ActionForm form={form} onSubmit={add} submit="Add" onBack={onDone}>
      <Select
        label="Type"
        value={kind}
        onChange={(event) => choose(event.target.value as Kind)}
        {...form.field("kind")}
      >
        {Object.entries(KINDS).map(([value, { label }]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </Select>
      <TextField
        label="Old address"
        value={old}
        onChange={(event) => taken(typeOld)(event.target.value)}
        hint={from.wrong ?? (old ? `${path}${from.slug}` : "The whole address or the part after the last slash.")}
        autoComplete="off"
        spellCheck={false}
        {...form.field("slug")}
      />
      <TextField
        label="Redirects to"
        value={to}
        onChange={(event) => taken(typeTo)(event.target.value)}
        hint={
          target.wrong ??
          (to ? `${path}${target.slug}` : `The address of a current ${KINDS[kind].label.toLowerCase()}.`)
        }
        autoComplete="off"
        spellCheck={false}
        {...form.field("to")}
      />
    </ActionForm>
  );
}
