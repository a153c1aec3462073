import type { AdminProduct } from "../../types";
import { DateTimeField } from "../../ui/DateTimeField";
import { Select } from "../../ui/Field";
import { Panel } from "../../ui/Panel";
import { fromLocal, when } from "../../ui/time";
import type { Draft } from "./draft";
import type { SectionProps } from "./section";

/** Whether, when and how completely the shop shows it. */
export function Shop({
  draft,
  set,
  errors,
  editable,
  lacking,
  isSaved,
}: SectionProps & { lacking: string[]; isSaved: boolean }) {
  return (
    <Panel title="On the shop">
      <fieldset disabled={!editable} className="grid gap-4 border-t border-line p-4">
        <legend className="sr-only">Visibility</legend>
        <Select
          label="Status"
          value={draft.status}
          onChange={({ target }) => set({ status: target.value })}
          error={errors.status}
        >
          <option value="active">Active</option>
          <option value="draft">Draft</option>
          <option value="archived">Archived</option>
        </Select>
        <p className="text-ink-2">{isSaved ? seen(draft) : seenOnceSaved(draft)}</p>
        <DateTimeField
          label="From"
          value={draft.published_at}
          onChange={({ target }) => set({ published_at: target.value })}
          hint="Leave empty to show it as soon as it is active."
          error={errors.published_at}
        />
        <DateTimeField
          label="Until"
          value={draft.unpublish_at}
          onChange={({ target }) => set({ unpublish_at: target.value })}
          hint="Leave empty for no end."
          error={errors.unpublish_at}
        />
        <label className="flex min-h-6 items-center gap-2 max-desk:min-h-11">
          <input
            type="checkbox"
            className="size-4 accent-ink"
            checked={draft.is_listed}
            onChange={({ target }) => set({ is_listed: target.checked })}
          />
          Show in lists and search
        </label>
        {lacking.length ? (
          <div role="status" className="rounded-admin border border-line p-3">
            <p className="pb-1 font-medium">
              {draft.status === "active" ? "Still missing" : "To do before publishing"}
            </p>
            <ul className="grid gap-1 text-ink-2">
              {lacking.map((what) => (
                <li key={what}>{what}</li>
              ))}
            </ul>
          </div>
        ) : null}
      </fieldset>
    </Panel>
  );
}

/** What its status and its days come to, in a sentence. */
export function seen({ status, ...typed }: Draft, now: number = Date.now()): string {
  const [published_at, unpublish_at] = [fromLocal(typed.published_at), fromLocal(typed.unpublish_at)];
  if (status === "draft") return "Only staff see it.";
  if (status === "archived") return "No longer offered; past orders keep it.";
  if (unpublish_at && Date.parse(unpublish_at) <= now) return `It left the shop on ${when(unpublish_at)}.`;
  const until = unpublish_at ? ` until ${when(unpublish_at)}` : "";
  if (published_at && Date.parse(published_at) > now)
    return `It comes on ${when(published_at)}${until && `, and stays${until}`}.`;
  return `It is in the shop${until}.`;
}

/** The same of a status or days that are not saved yet. */
export function seenOnceSaved(draft: Draft, now: number = Date.now()): string {
  const words = seen(draft, now);
  return words.startsWith("It left") ? words : `Once saved, ${words.charAt(0).toLowerCase()}${words.slice(1)}`;
}

/** What a save came to for shoppers: only what they see, or will, is promised to be shown. */
export function savedWords(
  { status, published_at, unpublish_at }: Pick<AdminProduct, "status" | "published_at" | "unpublish_at">,
  now: number = Date.now(),
): string {
  if (status === "draft") return "Saved as draft.";
  if (status === "archived") return "Saved. It stays archived.";
  if (unpublish_at && Date.parse(unpublish_at) <= now) return `Saved. It left the shop on ${when(unpublish_at)}.`;
  if (published_at && Date.parse(published_at) > now) return `Saved. The shop shows it from ${when(published_at)}.`;
  return "Saved. The shop shows it within a minute.";
}
