import { useState } from "react";
import { type Synonym, search } from "../../catalogue";
import { Button } from "../../ui/Button";
import { TextField } from "../../ui/Field";
import { Panel } from "../../ui/Panel";
import type { Does } from "./route";
import { listed, termsOf } from "./words";

/** Groups of words that mean the same: who searches for one finds what has any of them. */
export function Synonyms({ synonyms, editable, does }: { synonyms: Synonym[]; editable: boolean; does: Does }) {
  const [changing, change] = useState<number | null>(null);
  return (
    <Panel title="Synonyms" aside={synonyms.length || null}>
      {synonyms.length ? (
        <ul className="max-h-96 overflow-y-auto">
          {synonyms.map(({ id, terms }) => (
            <li key={id} className="border-t border-line px-4 py-2">
              {changing === id ? (
                <Terms
                  label="Synonyms"
                  terms={terms}
                  act="Save"
                  onBack={() => change(null)}
                  send={async (wanted) => {
                    const wrong = await does(
                      () => search.changeSynonym(id, wanted),
                      `${listed(wanted)} are now synonyms.`,
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
                            `${listed(terms)} are no longer synonyms.`,
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
          None yet. With “oud, agarwood”, either word finds both.
        </p>
      )}
      {editable ? (
        <div className="border-t border-line p-4">
          <Terms
            label="New group"
            terms={[]}
            act="Add"
            send={(wanted) => does(() => search.addSynonym(wanted), `${listed(wanted)} are now synonyms.`)}
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
          blame("Enter at least two words, separated by commas.");
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
        hint="Words or phrases, separated by commas: oud, agarwood, aloes wood."
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
