import type { AdminCollectionCard, Category } from "../../types";
import { Select, TextField } from "../../ui/Field";
import { Panel } from "../../ui/Panel";
import type { SectionProps } from "./section";

/** Its category, its collections, its vendor and its tags. */
export function Places({
  product,
  draft,
  set,
  errors,
  editable,
  categories,
  collections,
}: SectionProps & { categories: Category[]; collections: AdminCollectionCard[] }) {
  const ruled = product.collections.filter((one) => one.is_ruled).map((one) => one.name);
  const byHand = collections.filter((one) => !one.is_ruled);
  return (
    <Panel title="Category and collections">
      <fieldset disabled={!editable} className="grid gap-4 border-t border-line p-4">
        <legend className="sr-only">Category, collections, maker and tags</legend>
        <Select
          label="Category"
          value={draft.category}
          onChange={({ target }) => set({ category: target.value })}
          error={errors.category}
        >
          <option value="">None</option>
          {branches(categories).map(({ slug, name, depth }) => (
            <option key={slug} value={slug}>
              {"  ".repeat(depth)}
              {name}
            </option>
          ))}
        </Select>
        <fieldset>
          <legend className="pb-1 font-medium">Collections</legend>
          <div className="grid max-h-44 gap-0.5 overflow-y-auto">
            {byHand.map(({ slug, name }) => (
              <label key={slug} className="flex min-h-6 items-center gap-2 max-desk:min-h-11">
                <input
                  type="checkbox"
                  className="size-4 flex-none accent-ink"
                  checked={draft.collections.includes(slug)}
                  onChange={({ target }) =>
                    set({
                      collections: target.checked
                        ? [...draft.collections, slug]
                        : draft.collections.filter((one) => one !== slug),
                    })
                  }
                />
                {name}
              </label>
            ))}
          </div>
          {byHand.length ? null : <p className="text-ink-2">There are no hand-picked collections.</p>}
          {ruled.length ? <p className="pt-1 text-xs text-ink-2">By rule: {ruled.join(", ")}.</p> : null}
          {errors.collections ? <p className="text-danger">{errors.collections}</p> : null}
        </fieldset>
        <TextField
          label="Vendor"
          value={draft.vendor}
          maxLength={255}
          onChange={({ target }) => set({ vendor: target.value })}
          error={errors.vendor}
        />
        <TextField
          label="Tags"
          hint="Separated by commas."
          value={draft.tags}
          onChange={({ target }) => set({ tags: target.value })}
          error={errors.tags}
        />
      </fieldset>
    </Panel>
  );
}

type Branch = { slug: string; name: string; depth: number };

/** The tree as a list, each with how deep it stands. */
export function branches(tree: Category[], depth = 0): Branch[] {
  return tree.flatMap(({ slug, name, children }) => [
    { slug, name, depth },
    ...branches(children as unknown as Category[], depth + 1),
  ]);
}
