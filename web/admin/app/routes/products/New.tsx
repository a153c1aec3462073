import { Problem } from "@noirel/shared/api/problem";
import { MAX_SLUG } from "@noirel/shared/slug";
import { type FormEvent, useState } from "react";
import { useNavigate } from "react-router";
import { products } from "../../api";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Select, TextField } from "../../ui/Field";
import { parseMajor } from "../../ui/major";
import { SlugField, slugToSave } from "../../ui/SlugField";
import { said } from "../../ui/said";

/** The least a product needs; everything else is on its page. currencies: what the shop sells in, the usual one first. */
export function New({ open, onClose, currencies }: { open: boolean; onClose: () => void; currencies: string[] }) {
  return (
    <Dialog title="New product" open={open} onClose={onClose}>
      <Fields onClose={onClose} currencies={currencies} />
    </Dialog>
  );
}

function Fields({ onClose, currencies }: { onClose: () => void; currencies: string[] }) {
  const [draft, edit] = useState({ name: "", slug: "", sku: "", price: "", currency: currencies[0] ?? "INR" });
  const [errors, blame] = useState<Record<string, string>>({});
  const [busy, work] = useState(false);
  const go = useNavigate();
  const field = (name: keyof typeof draft) => ({
    value: draft[name],
    error: errors[name],
    onChange: ({ target }: { target: { value: string } }) => edit({ ...draft, [name]: target.value }),
  });

  async function make(event: FormEvent) {
    event.preventDefault();
    const price = parseMajor(draft.price, draft.currency);
    const address = slugToSave(draft.slug, { saved: "", maxLength: MAX_SLUG, name: draft.name });
    const wrong = {
      ...(!draft.name.trim() && { name: "Enter a name." }),
      ...("wrong" in address && { slug: address.wrong }),
      ...(!draft.sku.trim() && { sku: "Enter a SKU." }),
      ...(!price && { price: "Enter an amount like 14500." }),
    };
    blame(wrong);
    if (Object.keys(wrong).length) return;
    work(true);
    try {
      const { slug } = await products.create({ name: draft.name.trim(), sku: draft.sku.trim(), price, ...address });
      await go(`/products/${slug}`);
    } catch (error) {
      const told = error instanceof Problem ? error.errors : [];
      const at = Object.fromEntries(told.map((one) => [one.field.split(".")[0] ?? "", one.message]));
      const field = error instanceof Problem && error.code === "slug_taken" ? "slug" : "name";
      blame(told.length ? at : { [field]: said(error) });
      work(false);
    }
  }
  return (
    <form onSubmit={(event) => void make(event)} noValidate className="grid gap-4">
      <TextField label="Name" maxLength={255} autoComplete="off" {...field("name")} />
      <SlugField
        path="/p/"
        value={draft.slug}
        name={draft.name}
        saved=""
        maxLength={MAX_SLUG}
        error={errors.slug}
        onChange={(slug) => edit({ ...draft, slug })}
      />
      <TextField label="SKU" maxLength={64} autoComplete="off" hint="Of its first variant." {...field("sku")} />
      <div className="grid grid-cols-[minmax(0,1fr)_7rem] gap-3">
        <TextField label="Price" inputMode="decimal" autoComplete="off" {...field("price")} />
        <Select label="Currency" {...field("currency")}>
          {currencies.map((currency) => (
            <option key={currency}>{currency}</option>
          ))}
        </Select>
      </div>
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" kind="primary" busy={busy}>
          Create draft
        </Button>
      </div>
    </form>
  );
}
