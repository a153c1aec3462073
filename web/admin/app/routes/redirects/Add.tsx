import { isProblem } from "@noirel/shared/api/problem";
import { useState } from "react";
import { useRevalidator } from "react-router";
import { redirects } from "../../catalogue";
import { Button } from "../../ui/Button";
import { Select, TextField } from "../../ui/Field";
import { said } from "../../ui/said";
import { useToast } from "../../ui/Toast";
import { addressOf, KINDS, type Kind } from "./words";

/** An address that was written on a parcel or linked from elsewhere, and never was the shop's. */
export function Add({ onDone }: { onDone: () => void }) {
  const [kind, choose] = useState<Kind>("product");
  const [old, typeOld] = useState("");
  const [to, typeTo] = useState("");
  const [wrong, blame] = useState<Record<string, string>>({});
  const [busy, work] = useState(false);
  const reload = useRevalidator();
  const say = useToast();
  const { path } = KINDS[kind];
  const taken = (type: (text: string) => void) => (text: string) => {
    const { kind: pasted } = addressOf(text);
    if (pasted) choose(pasted);
    type(text);
    blame({});
  };

  async function add() {
    const data = { kind, slug: addressOf(old).slug, to: addressOf(to).slug };
    const empty = {
      ...(data.slug ? {} : { slug: "The address that leads nowhere now." }),
      ...(data.to ? {} : { to: "Where it shall lead." }),
    };
    if (Object.keys(empty).length) {
      blame(empty);
      return;
    }
    work(true);
    try {
      const made = await redirects.add(data);
      say(`${path}${made.slug} leads to ${made.name} now.`);
      await reload.revalidate();
      onDone();
    } catch (error) {
      if (isProblem(error)) blame(Object.fromEntries(error.errors.map((one) => [one.field, one.message])));
      say(said(error));
    } finally {
      work(false);
    }
  }

  return (
    <form
      noValidate
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        void add();
      }}
    >
      <Select label="Of a" value={kind} onChange={({ target }) => choose(target.value as Kind)}>
        {Object.entries(KINDS).map(([value, { label }]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </Select>
      <TextField
        label="Old address"
        value={old}
        onChange={({ target }) => taken(typeOld)(target.value)}
        error={wrong.slug}
        hint={old ? `${path}${addressOf(old).slug}` : "The whole of it, or what stands after the last stroke."}
        autoComplete="off"
        spellCheck={false}
      />
      <TextField
        label="Leads to"
        value={to}
        onChange={({ target }) => taken(typeTo)(target.value)}
        error={wrong.to}
        hint={to ? `${path}${addressOf(to).slug}` : `The address of a ${KINDS[kind].label.toLowerCase()} of today.`}
        autoComplete="off"
        spellCheck={false}
      />
      <div className="flex justify-end gap-2">
        <Button onClick={onDone}>Back</Button>
        <Button type="submit" kind="primary" busy={busy}>
          Add
        </Button>
      </div>
    </form>
  );
}
