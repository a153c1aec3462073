import { Problem } from "@noirel/shared/api/problem";
import { formatMoney } from "@noirel/shared/money";
import { type FormEvent, useRef, useState } from "react";
import { Link, type LoaderFunctionArgs, useBlocker, useLoaderData, useRevalidator } from "react-router";
import { media, products, type Tagged } from "../../api";
import { useKeys } from "../../layout/useKeys";
import { may } from "../../session/session";
import type { AdminProduct } from "../../types";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { control, Select, TextArea, TextField } from "../../ui/Field";
import { parseMajor, toMajor } from "../../ui/major";
import { PageTitle, Panel } from "../../ui/Panel";
import { said } from "../../ui/said";
import { useToast } from "../../ui/Toast";
import { useTitle } from "../../ui/useTitle";
import { changesOf, type Draft, draftOf } from "./draft";
import { Pictures } from "./Pictures";
import { pictureChanges, picturesOf } from "./pictures";

export async function loader({ params, request }: LoaderFunctionArgs): Promise<Tagged<AdminProduct>> {
  return products.get(params.slug ?? "", request.signal);
}

export function Component() {
  const loaded = useLoaderData<Tagged<AdminProduct>>();
  // A new version from the server begins a new form; the old one's edits are kept by staying on the old version.
  return <Editor key={loaded.etag} loaded={loaded} />;
}

function Editor({ loaded: { value: product, etag } }: { loaded: Tagged<AdminProduct> }) {
  const [draft, edit] = useState<Draft>(() => draftOf(product, toMajor));
  const [pictures, setPictures] = useState(() => picturesOf(product));
  const [sending, setSending] = useState(false);
  const [errors, blame] = useState<Record<string, string>>({});
  const [busy, work] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const reload = useRevalidator();
  const say = useToast();
  useTitle(product.name);

  const { product: changed, variants, invalid } = changesOf(product, draft, parseMajor);
  const { images, alts } = pictureChanges(product, pictures);
  if (images) changed.images = images;
  const count =
    alts.length +
    Object.keys(changed).length +
    Object.values(variants).reduce((sum, fields) => sum + Object.keys(fields).length, 0);
  const dirty = count > 0 || sending || Object.keys(invalid).length > 0;
  const leaving = useBlocker(
    ({ currentLocation, nextLocation }) => dirty && !busy && currentLocation.pathname !== nextLocation.pathname,
  );
  const editable = may("products.edit");

  const set = (name: keyof Omit<Draft, "variants">) => (event: { target: { value: string } }) =>
    edit({ ...draft, [name]: event.target.value });
  const setVariant = (sku: string, name: "price" | "compare_at", value: string) =>
    edit({
      ...draft,
      variants: { ...draft.variants, [sku]: { ...draft.variants[sku], [name]: value } as Draft["variants"][string] },
    });

  async function save(event?: FormEvent) {
    event?.preventDefault();
    if (!dirty || busy || sending) return;
    if (Object.keys(invalid).length) {
      blame(invalid);
      return;
    }
    work(true);
    blame({});
    try {
      for (const [id, alt] of alts) await media.describe(id, alt);
      if (Object.keys(changed).length) await products.save(product.slug, changed, etag);
      for (const [sku, fields] of Object.entries(variants)) await products.saveVariant(sku, fields);
      say("Saved. The shop shows it within a minute.");
      await reload.revalidate();
    } catch (error) {
      if (error instanceof Problem && error.status === 412) {
        say("Somebody changed this product meanwhile. Your edits are still here.", {
          label: "Load theirs",
          run: () => void reload.revalidate(),
        });
      } else {
        if (error instanceof Problem) blame(Object.fromEntries(error.errors.map((one) => [one.field, one.message])));
        say(said(error));
      }
    } finally {
      work(false);
    }
  }
  useKeys({ "mod+s": () => void save() });

  return (
    <>
      <nav aria-label="Breadcrumb" className="pt-1 text-ink-3">
        <Link to="/products" className="inline-flex min-h-6 items-center underline-offset-4 hover:underline">
          Products
        </Link>
      </nav>
      <PageTitle
        aside={
          product.status === "active" ? (
            <a href={`/p/${product.slug}`} className="inline-flex h-8.5 items-center underline underline-offset-4">
              View on the shop
            </a>
          ) : null
        }
      >
        {product.name}
      </PageTitle>
      <form ref={form} onSubmit={save} className="grid items-start gap-4 pb-20 wide:grid-cols-[minmax(0,1fr)_20.5rem]">
        <div className="grid gap-4">
          <Panel title="In words">
            <fieldset disabled={!editable} className="grid gap-4 border-t border-line p-4">
              <legend className="sr-only">Name and story</legend>
              <TextField label="Name" value={draft.name} onChange={set("name")} required error={errors.name} />
              <TextField
                label="Subtitle"
                hint="One line on the card: the notes."
                value={draft.subtitle}
                onChange={set("subtitle")}
                error={errors.subtitle}
              />
              <TextArea
                label="Story"
                hint="Simple HTML is kept, scripts are not."
                rows={8}
                value={draft.story}
                onChange={set("story")}
                error={errors.story}
              />
            </fieldset>
          </Panel>
          <Panel title="Variants">
            <div className="overflow-x-auto border-t border-line">
              <table className="w-full border-collapse">
                <thead>
                  <tr className="text-xs text-ink-3">
                    <th scope="col" className="px-4 py-1.5 text-start font-normal">
                      Variant
                    </th>
                    <th scope="col" className="px-2 py-1.5 text-start font-normal">
                      Price
                    </th>
                    <th scope="col" className="px-2 py-1.5 text-start font-normal">
                      Compare at
                    </th>
                    <th scope="col" className="px-2 py-1.5 text-end font-normal">
                      On hand
                    </th>
                    <th scope="col" className="px-4 py-1.5 text-end font-normal">
                      Available
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {product.variants.map((variant) => (
                    <tr key={variant.sku} className="border-t border-line">
                      <th scope="row" className="px-4 py-1.5 text-start font-normal">
                        {variant.title}
                        <span className="block font-mono text-xs text-ink-3">{variant.sku}</span>
                      </th>
                      {(["price", "compare_at"] as const).map((field) => {
                        const problem = errors[`${variant.sku}.${field}`];
                        return (
                          <td key={field} className="px-2 py-1.5 align-top">
                            <input
                              aria-label={`${field === "price" ? "Price" : "Compare-at price"} of ${variant.title}, ${variant.price.currency}`}
                              aria-invalid={problem ? true : undefined}
                              inputMode="decimal"
                              disabled={!editable}
                              value={draft.variants[variant.sku]?.[field] ?? ""}
                              onChange={(event) => setVariant(variant.sku, field, event.target.value)}
                              className={`${control} h-8.5 min-w-24 text-end max-desk:h-11`}
                            />
                            {problem ? <p className="pt-1 text-xs text-danger">{problem}</p> : null}
                          </td>
                        );
                      })}
                      <td className="px-2 py-1.5 text-end">
                        {variant.inventory.tracked ? variant.inventory.on_hand : "Not tracked"}
                      </td>
                      <td className="px-4 py-1.5 text-end">
                        {variant.inventory.tracked ? variant.inventory.available : ""}
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
            <p className="border-t border-line px-4 py-2.5 text-ink-2">
              Stock is counted, not edited:{" "}
              <Link to={`/inventory?q=${encodeURIComponent(product.name)}`} className="underline underline-offset-4">
                adjust it under Inventory
              </Link>
              .
            </p>
          </Panel>
        </div>
        <div className="grid gap-4">
          <Panel title="On the shop">
            <fieldset disabled={!editable} className="border-t border-line p-4">
              <legend className="sr-only">Visibility</legend>
              <Select label="Status" value={draft.status} onChange={set("status")} error={errors.status}>
                <option value="active">Active</option>
                <option value="draft">Draft</option>
                <option value="archived">Archived</option>
              </Select>
              <p className="pt-3 text-ink-2">
                {formatMoney(product.variants[0]?.price ?? { amount: 0, currency: "INR" })} for{" "}
                {product.variants[0]?.title ?? "nothing yet"}
              </p>
            </fieldset>
          </Panel>
          <Pictures pictures={pictures} change={setPictures} editable={editable} onBusy={setSending} />
          <Panel title="For search engines">
            <fieldset disabled={!editable} className="grid gap-4 border-t border-line p-4">
              <legend className="sr-only">Search engines</legend>
              <TextField
                label="Title"
                value={draft.seo_title}
                onChange={set("seo_title")}
                hint={`${draft.seo_title.length} of 60`}
                error={errors["seo.title"]}
              />
              <TextArea
                label="Description"
                rows={3}
                value={draft.seo_description}
                onChange={set("seo_description")}
                hint={`${draft.seo_description.length} of 160`}
                error={errors["seo.description"]}
              />
            </fieldset>
          </Panel>
        </div>
        {dirty ? (
          <div className="fixed inset-x-0 bottom-4 z-10 grid justify-items-center px-4">
            <section
              aria-label="Unsaved changes"
              className="flex items-center gap-3 rounded-panel bg-ink py-2 ps-4 pe-2 text-paper"
            >
              {count === 1 ? "1 change" : `${count} changes`}
              <button
                type="button"
                className="min-h-8.5 rounded-admin px-3"
                onClick={() => {
                  edit(draftOf(product, toMajor));
                  setPictures(picturesOf(product));
                  blame({});
                }}
              >
                Discard
              </button>
              <button
                type="submit"
                disabled={busy || sending}
                className="min-h-8.5 rounded-admin bg-paper px-3 font-medium text-ink"
              >
                {sending ? "Sending pictures…" : busy ? "Save…" : "Save"}
              </button>
            </section>
          </div>
        ) : null}
      </form>
      <Dialog title="Leave without saving?" open={leaving.state === "blocked"} onClose={() => leaving.reset?.()}>
        <div className="flex justify-end gap-2">
          <Button onClick={() => leaving.reset?.()}>Stay here</Button>
          <Button kind="danger" onClick={() => leaving.proceed?.()}>
            Leave and lose {count === 1 ? "1 change" : `${count} changes`}
          </Button>
        </div>
      </Dialog>
    </>
  );
}
