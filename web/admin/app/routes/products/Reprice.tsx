import { exponent, formatMoney } from "@noirel/shared/money";
import { useEffect, useState } from "react";
import { bulk as api } from "../../api";
import type { BulkPreview, BulkRequest } from "../../types";
import { ActionForm, useActionForm } from "../../ui/ActionForm";
import { errorMessage } from "../../ui/error-message";
import { Select, TextField } from "../../ui/Field";
import { parseMajor } from "../../ui/major";
import { parsePercent } from "../../ui/number";
import type { Asks } from "./BulkEdit";
import { counted } from "./choice";

const PAUSE = 250; // ms of not typing before the preview is asked for
const STEPS = [1, 5, 10, 50, 100]; // of the currency's whole units

/** Up or down by percent or by a sum; what becomes of the first of them is shown before anything is changed. */
export function Reprice({ currencies, target, count, bulk, onDone, onClose }: Asks & { currencies: string[] }) {
  const main = currencies[0] ?? "INR";
  const [draft, edit] = useState({ way: "down", by: "", unit: "%", step: "", former: "keep" });
  const [preview, look] = useState<BulkPreview | null>(null);
  const [problem, blame] = useState("");
  const form = useActionForm();
  const field = (name: keyof typeof draft) => ({
    name,
    value: draft[name],
    onChange: ({ target: { value } }: { target: { value: string } }) => edit({ ...draft, [name]: value }),
  });

  const currency = draft.unit === "%" ? main : draft.unit;
  const sign = draft.way === "down" ? -1 : 1;
  const amount = draft.unit === "%" ? parsePercent(draft.by) : (parseMajor(draft.by, currency)?.amount ?? null);
  const wrong =
    draft.by && (amount === null || amount === 0 || (draft.unit === "%" && sign < 0 && amount >= 10_000))
      ? draft.unit === "%"
        ? sign < 0
          ? "Enter a number above 0 and below 100."
          : "Enter a number above 0."
        : "Enter an amount above 0."
      : "";
  const asked: BulkRequest | null =
    !amount || wrong
      ? null
      : {
          act: "reprice",
          ...(draft.unit === "%" ? { percent_bps: sign * amount } : { sum: sign * amount, currency }),
          ...(draft.step && { to: Number(draft.step) * 10 ** exponent(currency) }),
          compare_at: draft.former as "keep" | "was" | "none",
        };
  const { expected: _, ...whom } = target;
  const question = asked ? JSON.stringify({ ...asked, ...whom }) : "";

  useEffect(() => {
    look(null);
    blame("");
    if (!question) return;
    const stop = new AbortController();
    const timer = setTimeout(() => {
      api
        .preview(JSON.parse(question) as BulkRequest, stop.signal)
        .then(look)
        .catch((error) => stop.signal.aborted || blame(errorMessage(error)));
    }, PAUSE);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [question]);

  function reprice() {
    if (!asked) return form.reject({ by: wrong || "Enter a percentage or amount." });
    if (!preview) return;
    return form.send({
      content: { ...asked, ...target },
      request: () => bulk.whole({ ...asked, ...target }),
      fieldOf: (name) => (/^(?:percent_bps|sum)$/.test(name) ? "by" : name),
      done: () => {
        onClose();
        onDone();
      },
    });
  }

  return (
    <ActionForm
      form={form}
      onSubmit={reprice}
      submit={`${draft.way === "down" ? "Lower" : "Raise"} prices of ${counted(count)}`}
      disabled={asked !== null && !preview}
      back="Cancel"
      onBack={onClose}
    >
      <div className="grid grid-cols-[7rem_minmax(0,1fr)_6rem] items-start gap-3">
        <Select label="Prices go" {...field("way")}>
          <option value="down">Down</option>
          <option value="up">Up</option>
        </Select>
        <TextField
          label="By"
          inputMode="decimal"
          autoComplete="off"
          {...field("by")}
          error={wrong || problem || form.field("by").error}
        />
        <Select label="In" {...field("unit")}>
          <option>%</option>
          {currencies.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </Select>
      </div>
      <div className="grid gap-4 desk:grid-cols-2 desk:gap-3">
        <Select label="Rounded" {...field("step")}>
          <option value="">Not rounded</option>
          {STEPS.map((step) => (
            <option key={step} value={step}>
              To {formatMoney({ amount: step * 10 ** exponent(currency), currency })}
            </option>
          ))}
        </Select>
        <Select label="Compare-at prices" {...field("former")}>
          <option value="keep">Stay as they are</option>
          <option value="was">Set to today’s price</option>
          <option value="none">Remove</option>
        </Select>
      </div>
      <div aria-live="polite">
        {preview ? (
          <Examples preview={preview} />
        ) : (
          <p className="text-ink-2">
            {question && !problem
              ? "Calculating…"
              : "The first of the new prices are shown here before anything changes."}
          </p>
        )}
      </div>
    </ActionForm>
  );
}

function Examples({ preview: { total, examples } }: { preview: BulkPreview }) {
  return (
    <table className="w-full border-collapse">
      <caption className="pb-1 text-start text-xs text-ink-2">
        {total === 1 ? "Rounding and compare-at" : `The first variants of ${counted(total)}`}
      </caption>
      <thead className="sr-only">
        <tr>
          <th scope="col">Variant</th>
          <th scope="col">Now</th>
          <th scope="col">Then</th>
        </tr>
      </thead>
      <tbody>
        {examples.map((one) => (
          <tr key={one.sku} className="border-t border-line">
            <th scope="row" className="w-full max-w-0 truncate py-1 pe-3 text-start font-normal">
              {one.name}
              {one.title ? <span className="text-ink-2"> · {one.title}</span> : null}
            </th>
            <td className="w-px py-1 pe-3 text-end whitespace-nowrap text-ink-2">{formatMoney(one.price)}</td>
            <td className="w-px py-1 text-end whitespace-nowrap">
              {one.new_price ? (
                <>
                  {formatMoney(one.new_price)}
                  {one.new_compare_at ? (
                    <s className="block text-xs text-ink-2">{formatMoney(one.new_compare_at)}</s>
                  ) : null}
                </>
              ) : (
                <span className="block max-w-40 text-xs whitespace-normal text-danger">{one.problem}</span>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
