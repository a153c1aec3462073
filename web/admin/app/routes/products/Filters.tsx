import { useEffect, useState } from "react";
import { useSearchParams } from "react-router";
import { Select } from "../../ui/Field";
import { type Place, placesOf } from "./places";

const KINDS = ["category", "collection"] as const;
const ALL = { category: "Every category", collection: "Every collection" };

/** Which part of the catalogue the list shows, in the URL; a category means all below it too. */
export function Filters() {
  const [params, setParams] = useSearchParams();
  const [places, setPlaces] = useState<Record<(typeof KINDS)[number], Place[]>>({ category: [], collection: [] });
  useEffect(() => {
    const stop = new AbortController();
    for (const kind of KINDS) {
      placesOf(kind, stop.signal)
        .then((found) => setPlaces((before) => ({ ...before, [kind]: found })))
        .catch(() => undefined); // the list is there without them
    }
    return () => stop.abort();
  }, []);
  return (
    <div className="grid grid-cols-2 gap-2 max-desk:w-full desk:flex">
      {KINDS.map((kind) => {
        const asked = params.get(kind) ?? "";
        return (
          <div key={kind} className="min-w-0 desk:w-40">
            <Select
              bare
              label={kind === "category" ? "Category" : "Collection"}
              value={asked}
              onChange={({ target: { value } }) =>
                setParams((before) => {
                  const next = new URLSearchParams(before);
                  next.delete("cursor");
                  if (value) next.set(kind, value);
                  else next.delete(kind);
                  return next;
                })
              }
            >
              <option value="">{ALL[kind]}</option>
              {asked && !places[kind].some(({ slug }) => slug === asked) ? (
                <option value={asked}>{asked}</option>
              ) : null}
              {places[kind].map(({ slug, name, depth }) => (
                <option key={slug} value={slug}>
                  {"  ".repeat(depth)}
                  {name}
                </option>
              ))}
            </Select>
          </div>
        );
      })}
    </div>
  );
}
