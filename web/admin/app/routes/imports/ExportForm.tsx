import { useState } from "react";
import { useRevalidator } from "react-router";
import { exports } from "../../api";
import type { Export } from "../../types";
import { ActionForm, useActionForm } from "../../ui/ActionForm";
import { Bar } from "../../ui/Bar";
import { Button } from "../../ui/Button";
import { errorMessage } from "../../ui/error-message";
import { Select } from "../../ui/Field";
import { Panel } from "../../ui/Panel";
import { Status } from "../../ui/Status";
import { useToast } from "../../ui/Toast";
import { when } from "../../ui/time";
import { doing, exported, isOpen, share, size, toneOf } from "./words";

/** All products as a file, and the files of the last month. */
export function ExportForm({ jobs, currencies }: { jobs: Export[]; currencies: string[] }) {
  const { revalidate } = useRevalidator();
  const say = useToast();
  const [currency, setCurrency] = useState(currencies[0] ?? "");
  const [safe, setSafe] = useState(false);
  const form = useActionForm();

  function ask() {
    return form.send({
      content: [currency, safe],
      request: () => exports.askFor(currency, safe),
      done: () => say("The export is being made. It will appear below."),
    });
  }

  async function tell(act: () => Promise<unknown>) {
    try {
      await act();
      await revalidate();
    } catch (problem) {
      say(errorMessage(problem));
    }
  }

  return (
    <Panel title="Export products">
      <div className="border-t border-line px-4 py-4">
        <ActionForm form={form} onSubmit={ask} submit="Create export" kind="quiet">
          <Select
            label="Currency"
            hint="Variants in other currencies are left out."
            value={currency}
            {...form.field("currency")}
            onChange={({ target }) => setCurrency(target.value)}
          >
            {currencies.map((code) => (
              <option key={code}>{code}</option>
            ))}
          </Select>
          <label className="flex items-start gap-2.5 max-desk:min-h-11 max-desk:items-center">
            <input
              type="checkbox"
              className="mt-0.5 size-4 accent-ink max-desk:mt-0"
              checked={safe}
              onChange={({ target }) => setSafe(target.checked)}
            />
            <span>
              For spreadsheets: cells that look like formulas get an apostrophe, which is removed again on import.
            </span>
          </label>
        </ActionForm>
      </div>
      <ul>
        {jobs.map((job) => (
          <li key={job.id} className="grid gap-1.5 border-t border-line px-4 py-3">
            <div className="flex items-center gap-3">
              <Status tone={toneOf(job)}>{doing(job)}</Status>
              <span className="text-ink-2">
                {when(job.created_at)}, {job.currency}
              </span>
              <span className="ms-auto">
                {job.file ? (
                  <Button onClick={() => void tell(() => exports.download(job))}>
                    Download, {size(job.file.bytes)}
                  </Button>
                ) : isOpen(job) && !job.is_cancel_asked ? (
                  <Button onClick={() => void tell(() => exports.cancel(job.id))}>Stop</Button>
                ) : null}
              </span>
            </div>
            {isOpen(job) ? <Bar label="Export" share={share(job)} /> : null}
            <p className="text-xs text-ink-2">{job.problem || exported(job)}</p>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
