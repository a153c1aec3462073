import { type FormEvent, useEffect, useState } from "react";
import { Button } from "../../ui/Button";
import { Select } from "../../ui/Field";
import { said } from "../../ui/said";
import { counted, type Target } from "./choice";
import { type Place, placesOf } from "./places";
import type { useBulk } from "./useBulk";

export type Asks = {
  target: Target;
  count: number;
  bulk: ReturnType<typeof useBulk>;
  onDone: () => void;
  onClose: () => void;
};

/** Into a category (each product has one), or into or out of a collection that is filled by hand. */
export function Put({ kind, target, count, bulk, onDone, onClose }: Asks & { kind: "category" | "collection" }) {
  const [places, setPlaces] = useState<Place[] | null>(null);
  const [problem, blame] = useState("");
  const [slug, choose] = useState("");
  const [out, takeOut] = useState(false);

  useEffect(() => {
    const stop = new AbortController();
    placesOf(kind, stop.signal)
      .then((found) => setPlaces(found.filter(({ isRuled }) => !isRuled)))
      .catch((error) => stop.signal.aborted || blame(said(error)));
    return () => stop.abort();
  }, [kind]);

  const name = places?.find((one) => one.slug === slug)?.name;
  const label =
    kind === "category"
      ? slug
        ? `Put ${counted(count)} in ${name}`
        : `Take ${counted(count)} out of their category`
      : `${out ? "Take" : "Put"} ${counted(count)} ${out ? "out of" : "in"} ${name ?? "…"}`;

  async function put(event: FormEvent) {
    event.preventDefault();
    if (kind === "collection" && !slug) return blame("Choose a collection.");
    const asked =
      kind === "category"
        ? { act: "category" as const, category: slug || null }
        : { act: out ? ("uncollect" as const) : ("collect" as const), collection: slug };
    const refused = await bulk.once(() => bulk.ask({ ...asked, ...target }));
    if (refused) return blame(refused);
    onClose();
    onDone();
  }

  return (
    <form onSubmit={(event) => void put(event)} noValidate className="grid gap-4">
      <Select
        label={kind === "category" ? "Category" : "Collection"}
        value={slug}
        disabled={!places}
        error={problem || undefined}
        hint={kind === "category" ? "A product is in one category." : "Collections filled by rule are not listed."}
        onChange={({ target: { value } }) => {
          choose(value);
          blame("");
        }}
      >
        <option value="">{!places ? "…" : kind === "category" ? "None" : "Choose"}</option>
        {places?.map((one) => (
          <option key={one.slug} value={one.slug}>
            {"  ".repeat(one.depth)}
            {one.name}
          </option>
        ))}
      </Select>
      {kind === "collection" ? (
        <fieldset className="flex flex-wrap gap-x-5">
          <legend className="sr-only">In or out</legend>
          {[false, true].map((way) => (
            <label key={String(way)} className="flex min-h-8.5 items-center gap-2 max-desk:min-h-11">
              <input
                type="radio"
                name="way"
                className="size-4 accent-ink"
                checked={out === way}
                onChange={() => takeOut(way)}
              />
              {way ? "Take them out of it" : "Put them at its end"}
            </label>
          ))}
        </fieldset>
      ) : null}
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" kind="primary" busy={bulk.busy} disabled={!places} className="max-w-full truncate">
          {label}
        </Button>
      </div>
    </form>
  );
}
