import { useState } from "react";
import { useNavigate } from "react-router";
import { imports } from "../../api";
import { ActionForm, useActionForm } from "../../ui/ActionForm";
import { Bar } from "../../ui/Bar";
import { Select, TextField } from "../../ui/Field";
import { parsePercent } from "../../ui/number";
import { Panel } from "../../ui/Panel";
import { size } from "./words";

/** A file is tried first; what it would do is looked at before anything is written. */
export function ImportForm({ currencies }: { currencies: string[] }) {
  const navigate = useNavigate();
  const [file, choose] = useState<File | null>(null);
  const [currency, setCurrency] = useState(currencies[0] ?? "");
  const [tax, setTax] = useState("18");
  const [sent, setSent] = useState(0);
  const form = useActionForm();

  function hand() {
    const bps = parsePercent(tax);
    const wrong = {
      ...(file ? {} : { file: "Choose a file." }),
      ...(file && file.size === 0 ? { file: "The file is empty." } : {}),
      ...(bps !== null && bps <= 10_000 ? {} : { tax: "Enter a number from 0 to 100." }),
    };
    if (!file || bps === null || Object.keys(wrong).length) return form.reject(wrong);
    setSent(0);
    return form.send({
      content: [file.name, file.size, file.lastModified, currency, bps],
      request: () => imports.handIn(file, currency, bps, setSent),
      fieldOf: (name) => (name === "tax_rate_bps" ? "tax" : name),
      done: (job) => navigate(`/imports/${job.id}`),
    });
  }

  return (
    <Panel title="Import products">
      <div className="border-t border-line px-4 py-4">
        <ActionForm form={form} onSubmit={hand} submit="Check the file">
          <TextField
            type="file"
            label="File"
            accept=".csv,text/csv"
            className="py-1.5 file:me-3 file:border-0 file:bg-transparent file:font-medium max-desk:py-2.5"
            hint={file ? size(file.size) : "Shopify’s product CSV, up to 256 MB."}
            {...form.field("file")}
            onChange={({ target }) => choose(target.files?.[0] ?? null)}
          />
          <div className="grid grid-cols-2 gap-4">
            <Select
              label="Currency"
              hint="The file doesn’t say which currency its prices are in."
              value={currency}
              {...form.field("currency")}
              onChange={({ target }) => setCurrency(target.value)}
            >
              {currencies.map((code) => (
                <option key={code}>{code}</option>
              ))}
            </Select>
            <TextField
              label="Tax included, %"
              hint="For new variants."
              inputMode="decimal"
              value={tax}
              {...form.field("tax")}
              onChange={({ target }) => setTax(target.value)}
            />
          </div>
          {form.busy ? <Bar label="Sending" share={sent} /> : null}
          <p className="text-xs text-ink-2">Nothing is written until you have seen the result.</p>
        </ActionForm>
      </div>
    </Panel>
  );
}
