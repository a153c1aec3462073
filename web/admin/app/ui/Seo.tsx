import { TextArea, TextField } from "./Field";
import { Panel } from "./Panel";

/** How a list of products is shown by search engines. */
export function Seo({
  title,
  description,
  set,
  errors,
  editable,
  fallback,
}: {
  title: string;
  description: string;
  set: (fields: { seo_title?: string; seo_description?: string }) => void;
  errors: Record<string, string>;
  editable: boolean;
  fallback: string;
}) {
  return (
    <Panel title="For search engines">
      <fieldset disabled={!editable} className="grid gap-4 border-t border-line p-4">
        <legend className="sr-only">Title and description</legend>
        <TextField
          label="Title"
          value={title}
          maxLength={255}
          onChange={({ target }) => set({ seo_title: target.value })}
          hint={title ? `${title.length} of 60` : `Empty: ${fallback || "its name"}`}
          error={errors.seo_title}
        />
        <TextArea
          label="Description"
          rows={3}
          value={description}
          maxLength={1000}
          onChange={({ target }) => set({ seo_description: target.value })}
          hint={description ? `${description.length} of 160` : "Leave empty to use the story"}
          error={errors.seo_description}
        />
      </fieldset>
    </Panel>
  );
}
