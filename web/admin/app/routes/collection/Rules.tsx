import { useEffect, useState } from "react";
import { type CategoryNode, collections, type Preview } from "../../catalogue";
import { Button } from "../../ui/Button";
import { errorMessage } from "../../ui/error-message";
import { Select, TextField } from "../../ui/Field";
import { Panel } from "../../ui/Panel";
import { rowsOf } from "../categories/tree";
import { type Draft, EMPTY_RULE, FIELDS, type RuleDraft, rulesOf, type Terms } from "./draft";

const MOST = 20;
const PAUSE = 300; // ms after the last change
type Set = (fields: Partial<Draft>) => void;

/** Who stands in it is said by rules; beside them, how many products meet them as they are typed. */
export function Rules({
  draft,
  set,
  terms,
  tree,
  errors,
  editable,
}: {
  draft: Draft;
  set: Set;
  terms: Terms;
  tree: CategoryNode[];
  errors: Record<string, string>;
  editable: boolean;
}) {
  const { rules } = draft;
  const change = (at: number, fields: Partial<RuleDraft>) =>
    set({ rules: rules.map((rule, index) => (index === at ? { ...rule, ...fields } : rule)) });
  return (
    <Panel title="Rules">
      <fieldset disabled={!editable} className="grid gap-4 border-t border-line p-4">
        <legend className="sr-only">Rules</legend>
        <Select
          label="Products meet"
          value={draft.match}
          onChange={({ target }) => set({ match: target.value === "any" ? "any" : "all" })}
        >
          <option value="all">All of the rules</option>
          <option value="any">Any one of the rules</option>
        </Select>
        <ol className="grid gap-3">
          {rules.map((rule, at) => (
            <li
              // biome-ignore lint/suspicious/noArrayIndexKey: a rule has no name but its place
              key={at}
              className="grid gap-2 border-t border-line pt-3 desk:grid-cols-[repeat(3,minmax(0,1fr))_auto]"
            >
              <div className="grid content-start gap-2">
                <Select
                  label={`Rule ${at + 1}: what`}
                  bare
                  value={rule.field}
                  onChange={({ target }) =>
                    change(at, {
                      field: target.value,
                      name: target.value === "attribute" ? (terms.attributes[0]?.name ?? "") : "",
                      is: Object.keys(FIELDS[target.value]?.asked ?? {})[0] ?? "is",
                      value: target.value === "in_stock" ? "true" : "",
                    })
                  }
                >
                  {Object.entries(FIELDS).map(([field, { label }]) => (
                    <option key={field} value={field}>
                      {label}
                    </option>
                  ))}
                </Select>
                {rule.field === "attribute" ? (
                  <Select
                    label={`Rule ${at + 1}: attribute`}
                    bare
                    value={rule.name}
                    onChange={({ target }) => change(at, { name: target.value, value: "" })}
                  >
                    {terms.attributes.map(({ name, label }) => (
                      <option key={name} value={name}>
                        {label}
                      </option>
                    ))}
                  </Select>
                ) : null}
              </div>
              <Select
                label={`Rule ${at + 1}: how`}
                bare
                value={rule.is}
                onChange={({ target }) => change(at, { is: target.value })}
              >
                {Object.entries(FIELDS[rule.field]?.asked ?? {}).map(([is, words]) => (
                  <option key={is} value={is}>
                    {words}
                  </option>
                ))}
              </Select>
              <Value
                label={`Rule ${at + 1}: value`}
                rule={rule}
                error={errors[`rules.${at}`]}
                terms={terms}
                tree={tree}
                onChange={(value) => change(at, { value })}
              />
              <Button
                aria-label={`Remove rule ${at + 1}`}
                onClick={() => set({ rules: rules.filter((_, index) => index !== at) })}
              >
                Remove
              </Button>
            </li>
          ))}
        </ol>
        {errors.rules ? (
          <p role="alert" className="text-danger">
            {errors.rules}
          </p>
        ) : null}
        {editable && rules.length < MOST ? (
          <div>
            <Button onClick={() => set({ rules: [...rules, EMPTY_RULE] })}>Add a rule</Button>
          </div>
        ) : null}
      </fieldset>
      <Live draft={draft} terms={terms} />
    </Panel>
  );
}

function Value({
  label,
  rule,
  error,
  terms,
  tree,
  onChange,
}: {
  label: string;
  rule: RuleDraft;
  error: string | undefined;
  terms: Terms;
  tree: CategoryNode[];
  onChange: (value: string) => void;
}) {
  const choices = (terms.attributes.find(({ name }) => name === rule.name)?.choices ?? []).map(String);
  const listed: [string, string][] | null =
    rule.field === "category"
      ? rowsOf(tree).map(({ node, depth }) => [node.slug, `${"  ".repeat(depth)}${node.name}`])
      : rule.field === "in_stock"
        ? [
            ["true", "Yes"],
            ["false", "No"],
          ]
        : rule.field === "attribute" && choices.length
          ? choices.map((choice) => [choice, choice])
          : null;
  const known = listed?.some(([value]) => value === rule.value);
  if (listed) {
    return (
      <Select label={label} bare error={error} value={rule.value} onChange={({ target }) => onChange(target.value)}>
        {known ? null : <option value={rule.value}>{rule.value || "Choose"}</option>}
        {listed.map(([value, words]) => (
          <option key={value} value={value}>
            {words}
          </option>
        ))}
      </Select>
    );
  }
  return (
    <TextField
      label={
        rule.field === "price" ? `${label}, ${terms.currency}` : rule.field === "published" ? `${label}, days` : label
      }
      bare
      error={error}
      value={rule.value}
      autoComplete="off"
      inputMode={rule.field === "price" ? "decimal" : rule.field === "published" ? "numeric" : "text"}
      onChange={({ target }) => onChange(target.value)}
    />
  );
}

type PreviewState = { counting: true } | { problem: string } | { found: Preview };

/** How many products meet the rules as they stand in the form, and the newest of them. */
function Live({ draft: { rules, match }, terms }: { draft: Draft; terms: Terms }) {
  const whole = rulesOf(rules, terms);
  const asked = whole && JSON.stringify(whole);
  const [told, tell] = useState<PreviewState>({ counting: true });
  useEffect(() => {
    if (!asked) return;
    const stop = new AbortController();
    tell({ counting: true });
    const timer = setTimeout(async () => {
      try {
        tell({ found: await collections.preview(JSON.parse(asked), match, stop.signal) });
      } catch (error) {
        if (!stop.signal.aborted) tell({ problem: errorMessage(error) });
      }
    }, PAUSE);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [asked, match]);
  return (
    <div className="border-t border-line px-4 py-3">
      <p role="status" className={asked && "problem" in told ? "text-danger" : "font-medium"}>
        {!asked
          ? "Finish the rules to see how many products meet them."
          : "problem" in told
            ? told.problem
            : "found" in told
              ? `${told.found.count} ${told.found.count === 1 ? "product meets" : "products meet"} them`
              : "Counting…"}
      </p>
      {asked && "found" in told && told.found.sample.length ? (
        <ul className="pt-1 text-ink-2">
          {told.found.sample.map(({ slug, name, status }) => (
            <li key={slug} className="break-words">
              {name}
              {status === "active" ? "" : `, ${status}`}
            </li>
          ))}
        </ul>
      ) : null}
    </div>
  );
}
