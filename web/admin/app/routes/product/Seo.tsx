import { asSlug, MAX_SLUG, slugify } from "@noirel/shared/slug";
import { Select, TextArea, TextField } from "../../ui/Field";
import { Panel } from "../../ui/Panel";
import { SlugField } from "../../ui/SlugField";
import type { Shown } from "./pictures";
import type { SectionProps } from "./section";

export function Seo({ product, draft, set, errors, editable, pictures }: SectionProps & { pictures: Shown[] }) {
  const concentration = draft.attributes.concentration || draft.subtitle;
  // As the shop fills them in where they are empty: backend catalog/services/projection.py.
  const title = draft.seo_title || [draft.name, concentration].filter(Boolean).join(", ");
  const description = draft.seo_description || draft.subtitle;
  return (
    <Panel title="For search engines">
      <div className="grid gap-4 border-t border-line p-4">
        <figure className="rounded-admin border border-line bg-paper p-3">
          <figcaption className="sr-only">How a search engine may show it</figcaption>
          <p className="truncate text-xs text-ink-2">
            {location.host} › p › {asSlug(draft.slug) || slugify(draft.name)}
          </p>
          <p className="truncate py-0.5 text-base text-info">{cut(`${title} · NOIR'EL`, 60)}</p>
          <p className="text-ink-2">{cut(description, 160) || "No description yet."}</p>
        </figure>
        <fieldset disabled={!editable} className="grid gap-4">
          <legend className="sr-only">Search engines</legend>
          <TextField
            label="Title"
            value={draft.seo_title}
            maxLength={255}
            onChange={({ target }) => set({ seo_title: target.value })}
            hint={`${draft.seo_title.length} of 60. Empty: ${title}`}
            error={errors["seo.title"]}
          />
          <TextArea
            label="Description"
            rows={3}
            value={draft.seo_description}
            maxLength={1000}
            onChange={({ target }) => set({ seo_description: target.value })}
            hint={`${draft.seo_description.length} of 160. Leave empty to use the subtitle.`}
            error={errors["seo.description"]}
          />
          <SlugField
            path="/p/"
            value={draft.slug}
            name={draft.name}
            saved={product.slug}
            maxLength={MAX_SLUG}
            error={errors.slug}
            onChange={(slug) => set({ slug })}
          />
          <TextField
            label="Canonical address"
            type="url"
            value={draft.seo_canonical}
            maxLength={500}
            onChange={({ target }) => set({ seo_canonical: target.value })}
            hint="Only if this product is also sold on another page. Leave empty for its own."
            error={errors["seo.canonical"]}
          />
          <Select
            label="Picture when shared"
            value={draft.seo_image}
            onChange={({ target }) => set({ seo_image: target.value })}
            error={errors["seo.image"]}
          >
            <option value="">The first</option>
            {pictures.map(({ id, alt }, at) => (
              <option key={id} value={id}>
                {at + 1}. {alt || "Not described"}
              </option>
            ))}
            {draft.seo_image && !pictures.some(({ id }) => id === draft.seo_image) ? (
              <option value={draft.seo_image}>One that isn’t on the product</option>
            ) : null}
          </Select>
        </fieldset>
      </div>
    </Panel>
  );
}

const cut = (text: string, most: number) => (text.length > most ? `${text.slice(0, most - 1).trimEnd()}…` : text);
