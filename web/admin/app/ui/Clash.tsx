import { Button } from "./Button";
import { ScrollX } from "./ScrollX";
import type { Difference } from "./useEdit";

/** Shown while `form` clashes with a newer version: what others changed, beside what stands here, and the choice. */
export function Clash({
  form,
  names,
  display = (_, value) => plain(value),
}: {
  form: {
    clash: { differences: Difference[] } | null;
    busy: boolean;
    save: () => Promise<unknown>;
    takeTheirs: () => void;
  };
  names: Record<string, string>;
  display?: (name: string, value: unknown) => string;
}) {
  if (!form.clash) return null;
  const { differences } = form.clash;
  return (
    <section
      role="alert"
      aria-label="Changed meanwhile"
      className="mb-4 rounded-panel border border-warning bg-raised p-4"
    >
      <p className="font-medium">Someone else has changed this. Your edits are still here.</p>
      {differences.length ? (
        <ScrollX label="Changes, a table" className="pt-3">
          <table className="w-full border-collapse text-start">
            <thead>
              <tr className="text-xs text-ink-3">
                {["What", "Theirs", "Here"].map((word) => (
                  <th key={word} scope="col" className="py-1 pe-4 text-start font-normal">
                    {word}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {differences.map(({ name, theirs, mine }) => (
                <tr key={name} className="border-t border-line align-top">
                  <th scope="row" className="py-1.5 pe-4 text-start font-normal text-ink-2">
                    {names[name] ?? name}
                  </th>
                  <td className="py-1.5 pe-4">{display(name, theirs)}</td>
                  <td className="py-1.5 pe-4">{display(name, mine)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollX>
      ) : (
        <p className="pt-1 text-ink-2">None of the changes are in this form.</p>
      )}
      <p className="pt-2 text-ink-2">Your changes win; their other changes stay.</p>
      <div className="flex flex-wrap gap-2 pt-3">
        <Button kind="primary" busy={form.busy} onClick={() => void form.save()}>
          Save mine
        </Button>
        <Button onClick={form.takeTheirs}>Discard mine</Button>
      </div>
    </section>
  );
}

function plain(value: unknown): string {
  if (value === true) return "Yes";
  if (value === false) return "No";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > 240 ? `${text.slice(0, 240)}…` : text || "Nothing";
}
