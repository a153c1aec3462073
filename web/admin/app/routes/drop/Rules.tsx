import { drops, type Tagged } from "../../api";
import type { AdminDrop } from "../../types";
import { Button } from "../../ui/Button";
import { Clash } from "../../ui/Clash";
import { DateTimeField } from "../../ui/DateTimeField";
import { Select, TextArea, TextField } from "../../ui/Field";
import { Panel } from "../../ui/Panel";
import { SaveBar } from "../../ui/SaveBar";
import { SlugField } from "../../ui/SlugField";
import { useEdit } from "../../ui/useEdit";
import { type Draft, draftOf, fieldOf, MAX_SLUG, NAMES, toRequest } from "./draft";

/** The rules of a drop, while they may change: before it is announced. */
export function Rules({ loaded }: { loaded: Tagged<AdminDrop> | null }) {
  const slug = loaded?.value.slug ?? "";
  const form = useEdit({
    loaded,
    draftOf,
    wantedOf: (draft: Draft, changed) => toRequest(draft, changed, slug),
    read: () => drops.get(slug),
    create: async (data) => ({ value: await drops.create(data), etag: "" }),
    save: (data, etag) => drops.save(slug, data, etag),
    addressOf: (value) => `/drops/${value.slug}`,
    made: "Draft created. Nobody sees it before it is announced.",
    fieldOf,
    names: NAMES,
  });
  const { draft, set, errors } = form;

  const field = (name: keyof Draft) => ({
    name,
    value: draft[name],
    error: errors[name],
    onChange: ({ target }: { target: { value: string } }) => set({ [name]: target.value }),
  });

  const lottery = draft.mode === "lottery";
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void form.save();
      }}
      className="grid gap-4 pb-20"
    >
      <Clash form={form} names={NAMES} />
      <Panel title="What it is">
        <div className="grid gap-4 border-t border-line p-4 desk:grid-cols-2">
          <TextField label="Name" {...field("name")} autoComplete="off" />
          <SlugField
            path="/drops/"
            value={draft.slug}
            name={draft.name}
            saved={slug}
            maxLength={MAX_SLUG}
            error={errors.slug}
            onChange={(value) => set({ slug: value })}
          />
          <div className="desk:col-span-2">
            <TextArea label="Description" rows={4} {...field("words")} hint="An empty line begins a new paragraph." />
          </div>
          <Select label="Sold" {...field("mode")}>
            <option value="first_come">First come, first served</option>
            <option value="lottery">Lottery</option>
          </Select>
          <TextArea
            label="SKUs"
            rows={2}
            {...field("variants")}
            hint={lottery ? "Exactly one: a lottery is drawn for one variant." : "One per line."}
          />
        </div>
      </Panel>
      <Panel title="When, and how many">
        <div className="grid gap-4 border-t border-line p-4 desk:grid-cols-2">
          <DateTimeField label={lottery ? "Entries open" : "Opens"} {...field("opens_at")} />
          <DateTimeField
            label={lottery ? "Entries close" : "Closes"}
            {...field("closes_at")}
            hint={lottery ? "The list of entries is final from then on." : "Empty: until you close it."}
          />
          <TextField
            label="For each person"
            inputMode="numeric"
            {...field("per_person")}
            hint="Across all orders, by account, e-mail and phone."
          />
          <TextField
            label="For each address"
            inputMode="numeric"
            {...field("per_address")}
            hint="Shared by everyone at the address."
          />
          <TextField label="Minutes to pay" inputMode="numeric" {...field("hold_minutes")} hint="From 1 to 30." />
          {lottery ? (
            <>
              <TextField
                label="Units"
                inputMode="numeric"
                {...field("units")}
                hint="Reserved from the announcement on."
              />
              <TextField
                label="Hours to buy"
                inputMode="numeric"
                {...field("claim_hours")}
                hint="After that, the next in line may buy."
              />
              <TextField
                label="Beacon"
                {...field("beacon_source")}
                hint="A public source of randomness after the close, like “drand round 4711234”. Leave empty for none."
              />
            </>
          ) : null}
        </div>
      </Panel>
      {loaded ? (
        <SaveBar
          count={form.changed.length}
          busy={form.busy}
          onSave={() => void form.save()}
          onDiscard={form.discard}
        />
      ) : (
        <div className="flex justify-end">
          <Button type="submit" kind="primary" busy={form.busy}>
            Save as a draft
          </Button>
        </div>
      )}
    </form>
  );
}
