import { useEffect, useState } from "react";
import { ActionForm, useActionForm } from "../../ui/ActionForm";
import { errorMessage } from "../../ui/error-message";
import { Select } from "../../ui/Field";
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
export function BulkEdit({ kind, target, count, bulk, onDone, onClose }: Asks & { kind: "category" | "collection" }) {
  const [places, setPlaces] = useState<Place[] | null>(null);
  const [problem, blame] = useState("");
  const form = useActionForm();
  const [slug, choose] = useState("");
  const [out, takeOut] = useState(false);

  useEffect(() => {
    const stop = new AbortController();
    placesOf(kind, stop.signal)
      .then((found) => setPlaces(found.filter(({ isRuled }) => !isRuled)))
      .catch((error) => stop.signal.aborted || blame(errorMessage(error)));
    return () => stop.abort();
  }, [kind]);

  const name = places?.find((one) => one.slug === slug)?.name;
  const label =
    kind === "category"
      ? slug
        ? `Put ${counted(count)} in ${name}`
        : `Take ${counted(count)} out of their category`
      : `${out ? "Take" : "Put"} ${counted(count)} ${out ? "out of" : "in"} ${name ?? "…"}`;

  function put() {
    if (problem) return;
    if (kind === "collection" && !slug) return form.reject({ place: "Choose a collection." });
    const asked =
      kind === "category"
        ? { act: "category" as const, category: slug || null }
        : { act: out ? ("uncollect" as const) : ("collect" as const), collection: slug };
    return form.send({
      content: { ...asked, ...target },
      request: () => bulk.whole({ ...asked, ...target }),
      fieldOf: (name) => (/^(?:category|collection)$/.test(name) ? "place" : name),
      done: () => {
        onClose();
        onDone();
      },
    });
  }

  return (
    <ActionForm form={form} onSubmit={put} submit={label} disabled={!places} back="Cancel" onBack={onClose}>
      <Select
        label={kind === "category" ? "Category" : "Collection"}
        value={slug}
        disabled={!places}
        {...form.field("place")}
        error={form.field("place").error ?? (problem || undefined)}
        hint={kind === "category" ? "A product is in one category." : "Collections filled by rule are not listed."}
        onChange={({ target: { value } }) => choose(value)}
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
    </ActionForm>
  );
}
