import { type LoaderFunctionArgs, useLoaderData } from "react-router";
import type { Tagged } from "../../api";
import { type AttributeWhole, attributes, NEW } from "../../catalogue";
import { hasPermission } from "../../session/session";
import { Breadcrumb } from "../../ui/Breadcrumb";
import { Button } from "../../ui/Button";
import { Clash } from "../../ui/Clash";
import { Check, Select, TextArea, TextField } from "../../ui/Field";
import { PageTitle, Panel } from "../../ui/Panel";
import { Remove } from "../../ui/Remove";
import { SaveBar } from "../../ui/SaveBar";
import { useEdit } from "../../ui/useEdit";
import { useTitle } from "../../ui/useTitle";
import { TYPES, type Type } from "../attributes/words";
import { draftOf, fieldOf, NAMES, nameOf, toRequest } from "./draft";

export const loader = async ({
  params: { name = "" },
  request,
}: LoaderFunctionArgs): Promise<Tagged<AttributeWhole> | null> =>
  name === NEW ? null : attributes.get(name, request.signal);

export function Component() {
  const loaded = useLoaderData<Tagged<AttributeWhole> | null>();
  return <Editor key={loaded?.etag ?? "new"} loaded={loaded} />;
}

function Editor({ loaded }: { loaded: Tagged<AttributeWhole> | null }) {
  const one = loaded?.value ?? null;
  const editable = hasPermission("products.edit");
  const form = useEdit({
    loaded,
    draftOf,
    wantedOf: toRequest,
    read: () => attributes.get(one?.name ?? ""),
    create: attributes.create,
    save: (data, etag) => attributes.save(one?.name ?? "", data, etag),
    addressOf: (value) => `/attributes/${value.name}`,
    made: "Attribute created",
    fieldOf,
    names: NAMES,
  });
  const { draft, set, errors } = form;
  useTitle(one?.label ?? "New attribute");
  return (
    <>
      <Breadcrumb to="/attributes">Attributes</Breadcrumb>
      <PageTitle
        aside={
          one && editable ? (
            <Remove
              name={one.label}
              act={() => attributes.remove(one.name, loaded?.etag ?? "")}
              back="/attributes"
              refusal={one.is_used ? <p>Products have values for it. Clear them first.</p> : null}
            >
              <p>No product has a value for it, so none changes.</p>
            </Remove>
          ) : null
        }
      >
        {one?.label ?? "New attribute"}
      </PageTitle>
      <Clash form={form} names={NAMES} />
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void form.save();
        }}
        className="grid items-start gap-4 pb-20 wide:grid-cols-[minmax(0,1fr)_min(20.5rem,38%)]"
      >
        <Panel title="Attribute">
          <fieldset disabled={!editable || form.busy} className="grid gap-4 border-t border-line p-4">
            <legend className="sr-only">Label, name, type and values</legend>
            <TextField
              label="Label"
              value={draft.label}
              onChange={({ target }) => set({ label: target.value })}
              error={errors.label}
              autoComplete="off"
            />
            <TextField
              label="Name in addresses"
              value={draft.name}
              onChange={({ target }) => set({ name: target.value })}
              error={errors.name}
              disabled={one !== null}
              hint={
                one
                  ? "Can’t be changed: list URLs and files use it."
                  : `List URLs use it: ?${draft.name || nameOf(draft.label) || "name"}=…`
              }
              autoComplete="off"
              spellCheck={false}
            />
            <Select
              label="Type"
              value={draft.type}
              onChange={({ target }) => set({ type: target.value as Type })}
              error={errors.type}
              disabled={one?.is_used ?? false}
              hint={one?.is_used ? "Can’t be changed while products have values." : TYPES[draft.type].hint}
            >
              {Object.entries(TYPES).map(([type, { label }]) => (
                <option key={type} value={type}>
                  {label}
                </option>
              ))}
            </Select>
            {draft.type === "json" ? null : (
              <TextArea
                label="Values to choose from"
                rows={6}
                value={draft.choices}
                onChange={({ target }) => set({ choices: target.value })}
                error={errors.choices}
                hint="One per line. Empty: anything that fits the type."
                spellCheck={false}
              />
            )}
          </fieldset>
        </Panel>
        <Panel title="Where it shows">
          <fieldset disabled={!editable || form.busy} className="grid gap-3 border-t border-line p-4">
            <legend className="sr-only">Where it shows</legend>
            <Check
              label="A filter of lists"
              hint="Counted beside the products; not for rich data."
              checked={draft.is_facet}
              onChange={({ target }) => set({ is_facet: target.checked })}
            />
            <Check
              label="On cards"
              hint="Shown with the product in lists."
              checked={draft.is_on_card}
              onChange={({ target }) => set({ is_on_card: target.checked })}
            />
            <Check
              label="Set per variant"
              hint="Its filter also counts an option with this name, such as size or colour."
              checked={draft.is_of_variant}
              onChange={({ target }) => set({ is_of_variant: target.checked })}
            />
          </fieldset>
        </Panel>
        {one ? (
          <SaveBar
            count={editable ? form.changed.length : 0}
            busy={form.busy}
            onSave={() => void form.save()}
            onDiscard={form.discard}
          />
        ) : editable ? (
          <div className="wide:col-span-2">
            <Button type="submit" kind="primary" busy={form.busy}>
              Create attribute
            </Button>
          </div>
        ) : null}
      </form>
    </>
  );
}
