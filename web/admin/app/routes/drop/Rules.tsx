import { Problem } from "@noirel/shared/api/problem";
import { type FormEvent, useState } from "react";
import { useNavigate, useRevalidator } from "react-router";
import { drops } from "../../api";
import type { AdminDrop } from "../../types";
import { Button } from "../../ui/Button";
import { DateTimeField } from "../../ui/DateTimeField";
import { Select, TextArea, TextField } from "../../ui/Field";
import { Panel } from "../../ui/Panel";
import { SlugField } from "../../ui/SlugField";
import { said } from "../../ui/said";
import { useToast } from "../../ui/Toast";
import { type Draft, draftOf, EMPTY, fieldOf, MAX_SLUG, wantedOf } from "./draft";

/** The rules of a drop, while they may change: before it is announced. */
export function Rules({ drop, etag }: { drop: AdminDrop | null; etag: string }) {
  const [draft, edit] = useState<Draft>(() => (drop ? draftOf(drop) : EMPTY));
  const [errors, blame] = useState<Record<string, string>>({});
  const [busy, work] = useState(false);
  const navigate = useNavigate();
  const reload = useRevalidator();
  const say = useToast();

  const field = (name: keyof Draft) => ({
    name,
    value: draft[name],
    error: errors[name],
    onChange: ({ target }: { target: { value: string } }) => edit({ ...draft, [name]: target.value }),
  });

  async function save(event: FormEvent) {
    event.preventDefault();
    if (busy) return;
    const wanted = wantedOf(draft, drop?.slug);
    if ("invalid" in wanted) {
      blame(wanted.invalid);
      return;
    }
    work(true);
    try {
      if (drop) {
        const saved = await drops.save(drop.slug, wanted.data, etag);
        say("Saved");
        if (saved.value.slug === drop.slug) await reload.revalidate();
        else await navigate(`/drops/${saved.value.slug}`, { replace: true });
      } else {
        const made = await drops.create(wanted.data);
        say(`${made.name} is a draft. Nobody sees it before it is announced.`);
        await navigate(`/drops/${made.slug}`, { replace: true });
      }
      blame({});
    } catch (error) {
      if (error instanceof Problem && error.errors.length) {
        blame(Object.fromEntries(error.errors.map(({ field: name, message }) => [fieldOf(name), message])));
      }
      say(
        error instanceof Problem && error.status === 412
          ? "Somebody changed it meanwhile. Reload to see what is there now."
          : said(error),
      );
    } finally {
      work(false);
    }
  }

  const lottery = draft.mode === "lottery";
  return (
    <form onSubmit={(event) => void save(event)} noValidate className="grid gap-4">
      <Panel title="What it is">
        <div className="grid gap-4 border-t border-line p-4 desk:grid-cols-2">
          <TextField label="Name" {...field("name")} autoComplete="off" />
          <SlugField
            path="/drops/"
            value={draft.slug}
            name={draft.name}
            saved={drop?.slug ?? ""}
            maxLength={MAX_SLUG}
            error={errors.slug}
            onChange={(slug) => edit({ ...draft, slug })}
          />
          <div className="desk:col-span-2">
            <TextArea label="Words" rows={4} {...field("words")} hint="An empty line begins a new paragraph." />
          </div>
          <Select label="Sold" {...field("mode")}>
            <option value="first_come">First come, first served</option>
            <option value="lottery">By lot</option>
          </Select>
          <TextArea
            label="SKUs"
            rows={2}
            {...field("variants")}
            hint={lottery ? "One: a lottery is drawn for one variant." : "One a line."}
          />
        </div>
      </Panel>
      <Panel title="When, and how many">
        <div className="grid gap-4 border-t border-line p-4 desk:grid-cols-2">
          <DateTimeField label={lottery ? "Entries open" : "Opens"} {...field("opens_at")} />
          <DateTimeField
            label={lottery ? "Entries close" : "Closes"}
            {...field("closes_at")}
            hint={lottery ? "The list of entries is final from this minute on." : "Empty: until you close it."}
          />
          <TextField
            label="For each person"
            inputMode="numeric"
            {...field("per_person")}
            hint="Over all orders, by account, mail and phone."
          />
          <TextField
            label="For each address"
            inputMode="numeric"
            {...field("per_address")}
            hint="Who lives together shares it."
          />
          <TextField label="Minutes to pay" inputMode="numeric" {...field("hold_minutes")} hint="From 1 to 30." />
          {lottery ? (
            <>
              <TextField
                label="Units"
                inputMode="numeric"
                {...field("units")}
                hint="Held back from the announcement on."
              />
              <TextField
                label="Hours to buy"
                inputMode="numeric"
                {...field("claim_hours")}
                hint="Then the right goes to the next in order."
              />
              <TextField
                label="Beacon"
                {...field("beacon_source")}
                hint="A public source of chance after the close, like “drand round 4711234”. Empty: none."
              />
            </>
          ) : null}
        </div>
      </Panel>
      <div className="flex justify-end">
        <Button type="submit" kind="primary" busy={busy}>
          {drop ? "Save" : "Save as a draft"}
        </Button>
      </div>
    </form>
  );
}
