import { type LoaderFunctionArgs, useLoaderData } from "react-router";
import { shop, type Tagged } from "../../api";
import { attributes, type CategoryNode, type CollectionWhole, categories, collections, NEW } from "../../catalogue";
import { hasPermission } from "../../session/session";
import { Breadcrumb } from "../../ui/Breadcrumb";
import { Button } from "../../ui/Button";
import { Clash } from "../../ui/Clash";
import { Select, TextArea, TextField } from "../../ui/Field";
import { PageTitle, Panel } from "../../ui/Panel";
import { Remove } from "../../ui/Remove";
import { SaveBar } from "../../ui/SaveBar";
import { Seo } from "../../ui/Seo";
import { SlugField } from "../../ui/SlugField";
import { useEdit } from "../../ui/useEdit";
import { useTitle } from "../../ui/useTitle";
import { MAX_SLUG } from "../category/draft";
import { ByHand } from "./ByHand";
import { displayValue, draftOf, EMPTY_RULE, fieldOf, NAMES, type Terms, toRequest } from "./draft";
import { Rules } from "./Rules";

type Loaded = { collection: Tagged<CollectionWhole> | null; tree: CategoryNode[]; terms: Terms };

export async function loader({ params, request }: LoaderFunctionArgs): Promise<Loaded> {
  const { signal } = request;
  const slug = params.slug ?? "";
  const [collection, tree, known, { currency }] = await Promise.all([
    slug === NEW ? null : collections.get(slug, signal),
    categories.tree(signal),
    attributes.list(signal),
    shop.get(signal),
  ]);
  return { collection, tree: tree.results, terms: { currency, attributes: known.results } };
}

export function Component() {
  const { collection, ...rest } = useLoaderData<Loaded>();
  return <Editor key={collection?.etag ?? "new"} loaded={collection} {...rest} />;
}

function Editor({ loaded, tree, terms }: { loaded: Tagged<CollectionWhole> | null } & Omit<Loaded, "collection">) {
  const collection = loaded?.value ?? null;
  const slug = collection?.slug ?? "";
  const editable = hasPermission("products.edit");
  const form = useEdit({
    loaded,
    draftOf: (value: CollectionWhole | null) => draftOf(value, terms),
    wantedOf: (draft, changed) => toRequest(draft, changed, terms, slug),
    read: () => collections.get(slug),
    create: collections.create,
    save: (data, etag) => collections.save(slug, data, etag),
    addressOf: (value) => `/collections/${value.slug}`,
    made: "Collection created",
    fieldOf,
    names: NAMES,
  });
  const { draft, set, errors } = form;
  const free = editable && !form.busy; // what is typed during a save would not be saved with it
  useTitle(collection?.name ?? "New collection");
  const field = (name: "name" | "story") => ({
    value: draft[name],
    error: errors[name],
    onChange: ({ target }: { target: { value: string } }) => set({ [name]: target.value }),
  });
  return (
    <>
      <Breadcrumb to="/collections">Collections</Breadcrumb>
      <PageTitle
        aside={
          collection ? (
            <>
              <a
                href={`/collections/${slug}`}
                className="inline-flex h-8.5 items-center px-1 underline underline-offset-4"
              >
                View on the shop
              </a>
              {editable ? (
                <Remove
                  name={collection.name}
                  act={() => collections.remove(slug, loaded?.etag ?? "")}
                  back="/collections"
                >
                  <p>Its products stay in the shop but leave this collection.</p>
                  <p>Its address, and the old addresses that lead to it, will answer “not found” from then on.</p>
                </Remove>
              ) : null}
            </>
          ) : null
        }
      >
        {collection?.name ?? "New collection"}
      </PageTitle>
      <Clash form={form} names={NAMES} display={displayValue} />
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void form.save();
        }}
        className="grid items-start gap-4 pb-20 wide:grid-cols-[minmax(0,1fr)_min(20.5rem,38%)]"
      >
        <div className="grid min-w-0 gap-4">
          <Panel title="Text">
            <fieldset disabled={!free} className="grid gap-4 border-t border-line p-4">
              <legend className="sr-only">Name, story and products</legend>
              <TextField label="Name" {...field("name")} autoComplete="off" />
              <SlugField
                path="/collections/"
                value={draft.slug}
                name={draft.name}
                saved={slug}
                maxLength={MAX_SLUG}
                error={errors.slug}
                onChange={(value) => set({ slug: value })}
              />
              <TextArea label="Story" rows={4} {...field("story")} hint="A line or two above its products." />
              <Select
                label="Products"
                value={draft.by}
                onChange={({ target }) =>
                  target.value === "rule"
                    ? set({ by: "rule", rules: draft.rules.length ? draft.rules : [EMPTY_RULE] })
                    : set({ by: "hand" })
                }
              >
                <option value="hand">By hand, in your own order</option>
                <option value="rule">By rule, the newest first</option>
              </Select>
            </fieldset>
          </Panel>
          {draft.by === "rule" ? (
            <Rules draft={draft} set={set} terms={terms} tree={tree} errors={errors} editable={free} />
          ) : collection?.rules ? (
            <Panel title="Products in order">
              <p className="border-t border-line px-4 py-3 text-ink-2">
                Save it first. The {collection.product_count} it holds now stay, and can then be put in order.
              </p>
            </Panel>
          ) : (
            <ByHand
              products={draft.products}
              set={(products) => set({ products })}
              error={errors.products}
              editable={free}
            />
          )}
        </div>
        <Seo
          title={draft.seo_title}
          description={draft.seo_description}
          set={set}
          errors={errors}
          editable={free}
          fallback={draft.name}
        />
        {collection ? (
          <SaveBar
            count={editable ? form.changed.length : 0}
            busy={form.busy}
            onSave={() => void form.save()}
            onDiscard={form.discard}
          />
        ) : editable ? (
          <div className="wide:col-span-2">
            <Button type="submit" kind="primary" busy={form.busy}>
              Create collection
            </Button>
          </div>
        ) : null}
      </form>
    </>
  );
}
