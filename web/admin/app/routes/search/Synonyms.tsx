import { useState } from "react";
import { type Synonym, search } from "../../catalogue";
import { ActionForm, useActionForm } from "../../ui/ActionForm";
import { Button } from "../../ui/Button";
import { TextField } from "../../ui/Field";
import { Panel } from "../../ui/Panel";
import { useToast } from "../../ui/Toast";
import type { RunAction } from "./action";
import { listed, termsOf } from "./words";

/** Groups of words that mean the same: who searches for one finds what has any of them. */
export function Synonyms({ synonyms, editable, does }: { synonyms: Synonym[]; editable: boolean; does: RunAction }) {
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
                  send={(wanted) => search.changeSynonym(id, wanted)}
                  undo={{
                    label: "Undo",
                    run: () => void does(() => search.changeSynonym(id, terms), "Undone."),
                  }}
                  onDone={() => change(null)}
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
          <Terms label="New group" terms={[]} act="Add" send={search.addSynonym} />
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
  undo,
  onDone,
  onBack,
}: {
  label: string;
  terms: string[];
  act: string;
  send: (terms: string[]) => Promise<unknown>;
  undo?: { label: string; run: () => void };
  onDone?: () => void;
  onBack?: () => void;
}) {
  const [typed, type] = useState(terms.join(", "));
  const form = useActionForm();
  const say = useToast();

  function save() {
    const wanted = termsOf(typed);
    if (wanted.length < 2) return form.reject({ terms: "Enter at least two words, separated by commas." });
    return form.send({
      content: wanted,
      request: () => send(wanted),
      fieldOf: (name) => name.split(".")[0] ?? name,
      done: () => {
        say(`${listed(wanted)} are now synonyms.`, undo);
        type("");
        onDone?.();
      },
    });
  }

  return (
    <ActionForm form={form} onSubmit={save} submit={act} kind="quiet" onBack={onBack}>
      <TextField
        label={label}
        value={typed}
        onChange={({ target }) => type(target.value)}
        hint="Words or phrases, separated by commas: oud, agarwood, aloes wood."
        autoComplete="off"
        {...form.field("terms")}
      />
    </ActionForm>
  );
}
