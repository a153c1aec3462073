import { useState } from "react";
import { type Synonym, search } from "../../catalogue";
import { Button } from "../../ui/Button";
import { TextField } from "../../ui/Field";
import { Panel } from "../../ui/Panel";
import type { Does } from "./route";
import { termsOf } from "./words";

/** Groups of words that mean the same: who searches for one finds what has any of them. */
export function Synonyms({ synonyms, editable, does }: { synonyms: Synonym[]; editable: boolean; does: Does }) {
  const [changing, change] = useState<number | null>(null);
  return (
    <Panel title="Words that mean the same" aside={synonyms.length || null}>
      {synonyms.length ? (
        <ul className="max-h-96 overflow-y-auto">
          {synonyms.map(({ id, terms }) => (
            <li key={id} className="border-t border-line px-4 py-2">
              {changing === id ? (
                <Terms
                  label="Words that mean the same"
                  terms={terms}
                  act="Save"
                  onBack={() => change(null)}
                  send={async (wanted) => {
                    const wrong = await does(
                      () => search.changeSynonym(id, wanted),
                      `${wanted.join(" = ")} mean the same now.`,
                      () => search.changeSynonym(id, terms),
                    );
                    if (!wrong) change(null);
                    return wrong;
                  }}
                />
              ) : (
                <div className="flex flex-wrap items-center gap-2">
                  <span className="min-w-0 flex-1 break-words">{terms.join(" = ")}</span>
                  {editable ? (
                    <>
                      <Button aria-label={`Change ${terms.join(", ")}`} onClick={() => change(id)}>
                        Change
                      </Button>
                      <Button
                        aria-label={`Remove ${terms.join(", ")}`}
                        onClick={() =>
                          void does(
                            () => search.removeSynonym(id),
                            `${terms.join(" = ")} are words of their own again.`,
                            () => search.addSynonym(terms),
                          )
                        }
                      >
                        Remove
                      </Button>
                    </>
                  ) : null}
                </div>
              )}
            </li>
          ))}
        </ul>
      ) : (
        <p className="border-t border-line px-4 py-3 text-ink-2">
          None yet. “Oud, agarwood” would find both by either word.
        </p>
      )}
      {editable ? (
        <div className="border-t border-line p-4">
          <Terms
            label="New group"
            terms={[]}
            act="Add"
            send={(wanted) => does(() => search.addSynonym(wanted), `${wanted.join(" = ")} mean the same now.`)}
          />
        </div>
      ) : null}
    </Panel>
  );
}

function Terms({
  label,
  terms,
  act,
  send,
  onBack,
}: {
  label: string;
  terms: string[];
  act: string;
  send: (terms: string[]) => Promise<string>;
  onBack?: () => void;
}) {
  const [typed, type] = useState(terms.join(", "));
  const [wrong, blame] = useState("");
  const [busy, work] = useState(false);
  return (
    <form
      noValidate
      className="grid gap-2"
      onSubmit={async (event) => {
        event.preventDefault();
        const wanted = termsOf(typed);
        if (wanted.length < 2) {
          blame("Two words at least, with a comma between them.");
          return;
        }
        work(true);
        const refused = await send(wanted);
        work(false);
        blame(refused);
        if (!refused && !onBack) type("");
      }}
    >
      <TextField
        label={label}
        value={typed}
        onChange={({ target }) => {
          type(target.value);
          blame("");
        }}
        error={wrong || undefined}
        hint="Words, or several that belong together, with commas between: oud, agarwood, aloes wood."
        autoComplete="off"
      />
      <div className="flex justify-end gap-2">
        {onBack ? <Button onClick={onBack}>Back</Button> : null}
        <Button type="submit" busy={busy}>
          {act}
        </Button>
      </div>
    </form>
  );
}
