import { useState } from "react";
import { products } from "../../api";
import type { AdminProduct } from "../../types";
import { Button } from "../../ui/Button";
import { errorMessage } from "../../ui/error-message";
import { control, TextField } from "../../ui/Field";
import { parseMajor, toMajor } from "../../ui/major";
import { moved } from "../../ui/order";
import { Panel } from "../../ui/Panel";
import { useToast } from "../../ui/Toast";
import { useUnsaved } from "../../ui/unsaved";
import { offered } from "./draft";
import { missingOf, newOption, newValue, type OptionDraft, optionDrafts, wantedOptions } from "./options";

const SHOWN = 6; // missing combinations that are named

/** The options and what they make. They are kept at once, apart from the form: variants follow from them. */
export function Options({
  product,
  etag,
  editable,
  dirty,
  onKept,
}: {
  product: AdminProduct;
  etag: string;
  editable: boolean;
  dirty: boolean;
  onKept: () => Promise<void>;
}) {
  const [drafts, edit] = useState<OptionDraft[] | null>(null);
  const [wrong, blame] = useState("");
  const [busy, work] = useState(false);
  const say = useToast();
  useUnsaved(drafts ? 1 : 0);

  async function keep(done: string, act: () => Promise<unknown>) {
    work(true);
    blame("");
    try {
      await act();
      say(done);
      edit(null);
      await onKept();
    } catch (error) {
      blame(errorMessage(error));
    } finally {
      work(false);
    }
  }
  function keepOptions() {
    const wanted = wantedOptions(drafts ?? []);
    if ("wrong" in wanted) blame(wanted.wrong);
    else void keep("Options saved.", () => products.setOptions(product.slug, wanted.options, etag));
  }
  const waits = dirty ? "Save the other changes first." : "";

  return (
    <Panel
      title="Options"
      aside={
        editable && !drafts ? (
          <Button
            disabled={dirty}
            title={waits || undefined}
            onClick={() => edit(product.options.length ? optionDrafts(product) : [newOption()])}
          >
            {product.options.length ? "Edit options" : "Add options"}
          </Button>
        ) : null
      }
    >
      <div className="grid gap-3 border-t border-line p-4">
        {drafts ? (
          <>
            {drafts.map((one, at) => (
              <OptionFields
                key={one.key}
                option={one}
                change={(next) => edit(drafts.map((other) => (other.key === one.key ? next : other)))}
                remove={() => edit(drafts.filter((other) => other.key !== one.key))}
                earlier={at > 0 ? () => edit(moved(drafts, at, at - 1)) : undefined}
              />
            ))}
            {wrong ? (
              <p role="alert" className="text-danger">
                {wrong}
              </p>
            ) : null}
            <div className="flex flex-wrap gap-2">
              {drafts.length < 10 ? (
                <Button onClick={() => edit([...drafts, newOption()])}>Another option</Button>
              ) : null}
              <span className="ms-auto flex gap-2">
                <Button
                  onClick={() => {
                    edit(null);
                    blame("");
                  }}
                >
                  Cancel
                </Button>
                <Button kind="primary" busy={busy} onClick={keepOptions}>
                  Save options
                </Button>
              </span>
            </div>
          </>
        ) : (
          <>
            {product.options.length ? (
              <dl className="grid gap-2">
                {product.options.map(({ name, label, values }) => (
                  <div key={name} className="flex flex-wrap gap-x-4">
                    <dt className="min-w-24 text-ink-2">{label}</dt>
                    <dd className="min-w-0">{values.join(" · ")}</dd>
                  </div>
                ))}
              </dl>
            ) : (
              <p className="text-ink-2">None: there is one variant. Size, colour and material are options.</p>
            )}
            {editable ? <Missing product={product} waits={waits} busy={busy} wrong={wrong} keep={keep} /> : null}
          </>
        )}
      </div>
    </Panel>
  );
}

function OptionFields({
  option,
  change,
  remove,
  earlier,
}: {
  option: OptionDraft;
  change: (option: OptionDraft) => void;
  remove: () => void;
  earlier: (() => void) | undefined;
}) {
  const { label, values } = option;
  const named = label || "the new option";
  return (
    <fieldset className="grid gap-2 rounded-admin border border-line p-3">
      <legend className="sr-only">{named}</legend>
      <div className="flex items-end gap-2">
        <div className="min-w-0 flex-1">
          <TextField
            label="Option"
            value={label}
            maxLength={120}
            placeholder="Size"
            onChange={({ target }) => change({ ...option, label: target.value })}
          />
        </div>
        {earlier ? (
          <Button aria-label={`Move ${named} earlier`} onClick={earlier}>
            ↑
          </Button>
        ) : null}
        <Button aria-label={`Remove ${named}`} onClick={remove}>
          Remove
        </Button>
      </div>
      <p className="font-medium">Values</p>
      <ol className="grid gap-1.5">
        {values.map((value, at) => (
          <li key={value.key} className="flex gap-1.5">
            <input
              aria-label={`Value ${at + 1} of ${named}`}
              className={`${control} h-8.5 max-desk:h-11`}
              value={value.now}
              maxLength={255}
              onChange={({ target }) =>
                change({
                  ...option,
                  values: values.map((one) => (one.key === value.key ? { ...one, now: target.value } : one)),
                })
              }
              onKeyDown={(event) => {
                if (event.key !== "Enter") return;
                event.preventDefault();
                change({ ...option, values: [...values.slice(0, at + 1), newValue(), ...values.slice(at + 1)] });
                const list = event.currentTarget.closest("ol");
                requestAnimationFrame(() => list?.querySelectorAll("input")[at + 1]?.focus());
              }}
            />
            <Button
              aria-label={`Move ${value.now || `value ${at + 1}`} earlier`}
              disabled={at === 0}
              onClick={() => change({ ...option, values: moved(values, at, at - 1) })}
            >
              ↑
            </Button>
            <Button
              aria-label={`Remove ${value.now || `value ${at + 1}`}`}
              disabled={values.length === 1}
              onClick={() => change({ ...option, values: values.filter((one) => one.key !== value.key) })}
            >
              ×
            </Button>
          </li>
        ))}
      </ol>
      <div>
        <Button onClick={() => change({ ...option, values: [...values, newValue()] })}>Add a value</Button>
      </div>
    </fieldset>
  );
}

function Missing({
  product,
  waits,
  busy,
  wrong,
  keep,
}: {
  product: AdminProduct;
  waits: string;
  busy: boolean;
  wrong: string;
  keep: (done: string, act: () => Promise<unknown>) => Promise<void>;
}) {
  const first = offered(product)[0]?.price ?? { amount: 0, currency: "INR" };
  const [price, ask] = useState(toMajor(first));
  const missing = missingOf(product);
  if (!missing.length) return null;
  const money = parseMajor(price, first.currency);
  const some = missing.slice(0, SHOWN).map((one) => Object.values(one).join(" / "));
  const count = missing.length === 1 ? "1 combination has" : `${missing.length} combinations have`;
  return (
    <div className="grid gap-2 rounded-admin border border-line p-3">
      <p>
        {count} no variant: {some.join(", ")}
        {missing.length > SHOWN ? ` and ${missing.length - SHOWN} more` : ""}.
      </p>
      <div className="flex flex-wrap items-end gap-2">
        <div className="w-36">
          <TextField
            label={`At the price of, ${first.currency}`}
            inputMode="decimal"
            value={price}
            onChange={({ target }) => ask(target.value)}
          />
        </div>
        <Button
          busy={busy}
          disabled={!money || Boolean(waits)}
          onClick={() => money && void keep("Variants created.", () => products.makeMissing(product.slug, money))}
        >
          Make {missing.length === 1 ? "it" : `all ${missing.length}`}
        </Button>
        {waits ? <p className="text-ink-2">{waits}</p> : null}
      </div>
      {wrong ? (
        <p role="alert" className="text-danger">
          {wrong}
        </p>
      ) : null}
    </div>
  );
}
