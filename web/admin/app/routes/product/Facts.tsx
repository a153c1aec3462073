import { Link } from "react-router";
import type { Attribute } from "../../types";
import { Select, TextArea, TextField } from "../../ui/Field";
import { Panel } from "../../ui/Panel";
import { readAs, tidy } from "./facts";
import type { SectionProps } from "./section";

/** What a shop tells of its products, each in a field that fits its type. */
export function Facts({
  product,
  draft,
  set,
  errors,
  editable,
  definitions,
}: SectionProps & { definitions: Attribute[] }) {
  const own = definitions
    .filter((one) => !one.is_of_variant)
    // What takes the whole width stands last: no holes between the others.
    .sort((one, other) => Number(one.type === "json") - Number(other.type === "json"));
  const strange = Object.keys(product.attributes).filter((name) => !definitions.some((one) => one.name === name));
  return (
    <Panel
      title="Attributes"
      aside={
        <Link to="/attributes" className="underline underline-offset-4">
          Define
        </Link>
      }
    >
      <fieldset disabled={!editable} className="grid gap-4 border-t border-line p-4 desk:grid-cols-2">
        <legend className="sr-only">Attributes</legend>
        {own.length ? null : <p className="text-ink-2">None defined yet.</p>}
        {own.map((one) => (
          <div key={one.name} className={one.type === "json" ? "desk:col-span-2" : ""}>
            <FactField
              definition={one}
              label={one.label}
              value={draft.attributes[one.name] ?? ""}
              change={(value) => set({ attributes: { ...draft.attributes, [one.name]: value } })}
              error={errors[`attributes.${one.name}`]}
            />
          </div>
        ))}
        {strange.length ? (
          <p className="text-xs text-ink-2 desk:col-span-2">Undefined, left as they are: {strange.join(", ")}.</p>
        ) : null}
      </fieldset>
    </Panel>
  );
}

/** bare: in a cell, where the column's head is the label for the eye. */
export function FactField({
  definition,
  label,
  value,
  change,
  error,
  bare = false,
}: {
  definition: Attribute;
  label: string;
  value: string;
  change: (value: string) => void;
  error?: string | undefined;
  bare?: boolean;
}) {
  const { type } = definition;
  const choices = definition.choices.map(String);
  const typed = ({ target }: { target: { value: string } }) => change(target.value);
  if (type === "list" && choices.length) {
    const items = value.split("\n").filter(Boolean);
    return (
      <fieldset className="grid gap-1">
        <legend className={bare ? "sr-only" : "pb-1 font-medium"}>{label}</legend>
        {[...choices, ...items.filter((item) => !choices.includes(item))].map((choice) => (
          <label key={choice} className="flex min-h-6 items-center gap-2 max-desk:min-h-11">
            <input
              type="checkbox"
              className="size-4 accent-ink"
              checked={items.includes(choice)}
              onChange={({ target }) =>
                change((target.checked ? [...items, choice] : items.filter((item) => item !== choice)).join("\n"))
              }
            />
            {choice}
          </label>
        ))}
        {error ? <p className="text-danger">{error}</p> : null}
      </fieldset>
    );
  }
  if (choices.length && type !== "json") {
    return (
      <Select label={label} bare={bare} value={value} onChange={typed} error={error}>
        <option value="">None</option>
        {[...new Set(value ? [...choices, value] : choices)].map((choice) => (
          <option key={choice}>{choice}</option>
        ))}
      </Select>
    );
  }
  switch (type) {
    case "number":
      return <TextField label={label} bare={bare} inputMode="decimal" value={value} onChange={typed} error={error} />;
    case "list":
      return (
        <TextArea
          label={label}
          bare={bare}
          rows={3}
          hint="One per line."
          value={value}
          onChange={typed}
          error={error}
        />
      );
    case "colour":
      return (
        <div className="grid grid-cols-[minmax(0,1fr)_auto] items-end gap-2">
          <TextField label={label} bare={bare} value={value} placeholder="#1a2b3c" onChange={typed} error={error} />
          <input
            type="color"
            aria-label={`${label}, from a palette`}
            className="h-9 w-11 rounded-admin border border-rule bg-raised p-1 max-desk:h-11"
            value={/^#[0-9a-f]{6}$/i.test(value) ? value : "#000000"}
            onChange={typed}
          />
        </div>
      );
    case "json": {
      const read = readAs(definition, value);
      const wrong = error ?? ("wrong" in read ? read.wrong : undefined);
      return (
        <TextArea
          label={label}
          bare={bare}
          rows={Math.min(10, Math.max(3, value.split("\n").length))}
          className="font-mono text-xs"
          spellCheck={false}
          hint="JSON; reformatted when you leave the field."
          value={value}
          onChange={typed}
          onBlur={() => "value" in read && read.value !== undefined && change(tidy(read.value))}
          error={wrong}
        />
      );
    }
    default:
      return value.length > 80 || value.includes("\n") ? (
        <TextArea label={label} bare={bare} rows={3} value={value} onChange={typed} error={error} />
      ) : (
        <TextField label={label} bare={bare} value={value} onChange={typed} error={error} />
      );
  }
}
