import { type FormEvent, useState } from "react";
import { useNavigate } from "react-router";
import { imports } from "../../api";
import { Bar } from "../../ui/Bar";
import { Button } from "../../ui/Button";
import { TextField } from "../../ui/Field";
import { Panel } from "../../ui/Panel";
import { said } from "../../ui/said";
import { size } from "./words";

/** A file is tried first; what it would do is looked at before anything is written. */
export function HandIn() {
  const navigate = useNavigate();
  const [file, choose] = useState<File | null>(null);
  const [currency, setCurrency] = useState("");
  const [tax, setTax] = useState("18");
  const [sent, setSent] = useState<number | null>(null);
  const [errors, setErrors] = useState<{ file?: string; currency?: string; tax?: string; all?: string }>({});

  async function hand(event: FormEvent) {
    event.preventDefault();
    const code = currency.trim().toUpperCase();
    const bps = Math.round(Number(tax) * 100);
    const wrong = {
      ...(file ? {} : { file: "Choose a file." }),
      ...(/^[A-Z]{3}$/.test(code) ? {} : { currency: "Enter a code like INR." }),
      ...(tax.trim() && bps >= 0 && bps <= 10_000 ? {} : { tax: "Enter a number from 0 to 100." }),
    };
    setErrors(wrong);
    if (!file || Object.keys(wrong).length) return;
    setSent(0);
    try {
      const job = await imports.handIn(file, code, bps, setSent);
      await navigate(`/imports/${job.id}`);
    } catch (error) {
      setErrors({ all: said(error) });
      setSent(null);
    }
  }

  return (
    <Panel title="Import products">
      <form noValidate onSubmit={(event) => void hand(event)} className="grid gap-4 border-t border-line px-4 py-4">
        <TextField
          type="file"
          label="File"
          accept=".csv,text/csv"
          className="py-1.5 file:me-3 file:border-0 file:bg-transparent file:font-medium max-desk:py-2.5"
          hint={file ? size(file.size) : "Shopify’s product CSV, up to 256 MB."}
          error={errors.file}
          onChange={({ target }) => choose(target.files?.[0] ?? null)}
        />
        <div className="grid grid-cols-2 gap-4">
          <TextField
            label="Currency"
            hint="The file doesn’t say which currency its prices are in."
            maxLength={3}
            autoCapitalize="characters"
            spellCheck={false}
            value={currency}
            error={errors.currency}
            onChange={({ target }) => setCurrency(target.value)}
          />
          <TextField
            label="Tax included, %"
            hint="For new variants."
            inputMode="decimal"
            value={tax}
            error={errors.tax}
            onChange={({ target }) => setTax(target.value)}
          />
        </div>
        {errors.all ? (
          <p role="alert" className="text-danger">
            {errors.all}
          </p>
        ) : null}
        {sent === null ? null : <Bar label="Sending" share={sent} />}
        <div className="flex items-center gap-3">
          <Button type="submit" kind="primary" busy={sent !== null}>
            Check the file
          </Button>
          <p className="text-xs text-ink-2">Nothing is written until you have seen the result.</p>
        </div>
      </form>
    </Panel>
  );
}
