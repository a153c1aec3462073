import { useEffect, useState } from "react";
import { products } from "../../api";
import { TextArea, TextField } from "../../ui/Field";
import { Panel } from "../../ui/Panel";
import type { SectionProps } from "./section";

const PAUSE = 600; // ms after the last letter

export function Words({ draft, set, errors, editable }: SectionProps) {
  return (
    <Panel title="Text">
      <fieldset disabled={!editable} className="grid gap-4 border-t border-line p-4">
        <legend className="sr-only">Name and story</legend>
        <TextField
          label="Name"
          value={draft.name}
          onChange={({ target }) => set({ name: target.value })}
          required
          maxLength={255}
          error={errors.name}
        />
        <TextField
          label="Subtitle"
          hint="One line on the card: the notes."
          value={draft.subtitle}
          maxLength={255}
          onChange={({ target }) => set({ subtitle: target.value })}
          error={errors.subtitle}
        />
        <TextArea
          label="Story"
          hint="Simple HTML: paragraphs, lists, headings, links, tables."
          rows={8}
          value={draft.story}
          onChange={({ target }) => set({ story: target.value })}
          error={errors.story}
        />
        <Kept story={draft.story} />
      </fieldset>
    </Panel>
  );
}

/** The story as the shop will show it, asked of the server that will take out what may not stand in it. */
function Kept({ story }: { story: string }) {
  const [kept, keep] = useState<{ of: string; is: string } | null>(null);
  useEffect(() => {
    if (!story.trim()) return;
    const stop = new AbortController();
    const timer = setTimeout(async () => {
      try {
        const { story: is } = await products.keptOf(story, stop.signal);
        keep({ of: story, is });
      } catch {
        // It is a preview: saving asks again, and says what is wrong.
      }
    }, PAUSE);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [story]);
  if (!story.trim() || !kept) return null;
  const lost = kept.of === story && lostOf(story, kept.is);
  return (
    <details className="rounded-admin border border-line" open={Boolean(lost)}>
      <summary className="cursor-pointer px-3 py-2 font-medium">As the shop shows it</summary>
      {lost ? (
        <p role="status" className="border-t border-line px-3 py-2 text-warning">
          Removed on saving: {lost}.
        </p>
      ) : null}
      <div
        className="story border-t border-line px-3 py-2"
        // biome-ignore lint/security/noDangerouslySetInnerHtml: it has just come back from the shop's own sanitiser
        dangerouslySetInnerHTML={{ __html: kept.is }}
      />
    </details>
  );
}

/** Stands in for the "on" of an event handler while its tag is parsed. */
const HANDLER = "inert-on";

/**
 * Which tags and attributes are not there any more; nothing when all are.
 *
 * Even in a document that is never shown, browsers report each inline event handler that they parse to the console as a violation
 * of the Content Security Policy, so handlers are renamed first. Text may be renamed with them: only names are read.
 */
export function lostOf(story: string, kept: string): string {
  const read = (html: string) => {
    const found = new Set<string>();
    const inert = html.replaceAll(/\bon(?=[a-z])/gi, HANDLER);
    for (const element of new DOMParser().parseFromString(inert, "text/html").body.querySelectorAll("*")) {
      const tag = element.tagName.toLowerCase().replace(HANDLER, "on");
      found.add(`<${tag}>`);
      for (const { name } of element.attributes) found.add(`${name.replace(HANDLER, "on")} of <${tag}>`);
    }
    return found;
  };
  const after = read(kept);
  const gone = [...read(story)].filter((one) => !after.has(one));
  // Of a tag that is gone, its attributes need no word.
  return gone.filter((one) => one.startsWith("<") || !gone.includes(one.slice(one.indexOf("<")))).join(", ");
}
