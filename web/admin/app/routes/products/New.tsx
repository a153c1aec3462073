import { MAX_SLUG } from "@noirel/shared/slug";
import { useState } from "react";
import { useNavigate } from "react-router";
import { products } from "../../api";
import { ActionForm, useActionForm } from "../../ui/ActionForm";
import { Dialog } from "../../ui/Dialog";
import { Select, TextField } from "../../ui/Field";
import { parseMajor } from "../../ui/major";
import { SlugField, slugToSave } from "../../ui/SlugField";

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
  const form = useActionForm();
  const go = useNavigate();
  const field = (name: keyof typeof draft) => ({
    ...form.field(name),
    value: draft[name],
    onChange: ({ target }: { target: { value: string } }) => edit({ ...draft, [name]: target.value }),
  });

  function create() {
    const price = parseMajor(draft.price, draft.currency);
    const address = slugToSave(draft.slug, { saved: "", maxLength: MAX_SLUG, name: draft.name });
    const wrong = {
      ...(!draft.name.trim() && { name: "Enter a name." }),
      ...("wrong" in address && { slug: address.wrong }),
      ...(!draft.sku.trim() && { sku: "Enter a SKU." }),
      ...(!price && { price: "Enter an amount like 14500." }),
    };
    if (Object.keys(wrong).length) return form.reject(wrong);
    const data = { name: draft.name.trim(), sku: draft.sku.trim(), price, ...address };
    return form.send({
      content: data,
      request: () => products.create(data),
      done: ({ slug }) => go(`/products/${slug}`),
    });
  }
  return (
    <ActionForm form={form} onSubmit={create} submit="Create draft" back="Cancel" onBack={onClose}>
      <TextField label="Name" maxLength={255} autoComplete="off" {...field("name")} />
      <SlugField
        path="/p/"
        value={draft.slug}
        name={draft.name}
        saved=""
        maxLength={MAX_SLUG}
        error={form.field("slug").error}
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
    </ActionForm>
  );
}
