import { Link, type LoaderFunctionArgs, useLoaderData, useSearchParams } from "react-router";
import type { Tagged } from "../../api";
import { type CategoryNode, type CategoryWhole, categories, NEW } from "../../catalogue";
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
import { type Branch, branchesOf, draftOf, fieldOf, MAX_SLUG, NAMES, toRequest } from "./draft";

type Loaded = { category: Tagged<CategoryWhole> | null; tree: CategoryNode[] };

export async function loader({ params, request }: LoaderFunctionArgs): Promise<Loaded> {
  const slug = params.slug ?? "";
  const [category, tree] = await Promise.all([
    slug === NEW ? null : categories.get(slug, request.signal),
    categories.tree(request.signal),
  ]);
  return { category, tree: tree.results };
}

export function Component() {
  const { category, tree } = useLoaderData<Loaded>();
  return <Editor key={category?.etag ?? "new"} loaded={category} tree={tree} />;
}

function Editor({ loaded, tree }: { loaded: Tagged<CategoryWhole> | null; tree: CategoryNode[] }) {
  const category = loaded?.value ?? null;
  const slug = category?.slug ?? "";
  const [params] = useSearchParams();
  const editable = hasPermission("products.edit");
  const form = useEdit({
    loaded,
    draftOf: (value) => draftOf(value, params.get("in") ?? ""),
    wantedOf: (draft, changed) => toRequest(draft, changed, slug),
    read: () => categories.get(slug),
    create: categories.create,
    save: (data, etag) => categories.save(slug, data, etag),
    addressOf: (value) => `/categories/${value.slug}`,
    made: "Category created",
    fieldOf,
    names: NAMES,
  });
  const { draft, set, errors } = form;
  useTitle(category?.name ?? "New category");
  const branches = branchesOf(tree);
  const here = branches.find((branch) => branch.slug === slug);
  const field = (name: keyof typeof draft) => ({
    value: draft[name],
    error: errors[name],
    onChange: ({ target }: { target: { value: string } }) => set({ [name]: target.value }),
  });
  return (
    <>
      <Breadcrumb to="/categories">Categories</Breadcrumb>
      <PageTitle
        aside={
          category ? (
            <>
              <a href={`/c/${slug}`} className="inline-flex h-8.5 items-center px-1 underline underline-offset-4">
                View on the shop
              </a>
              {editable ? <Delete category={category} etag={loaded?.etag ?? ""} here={here} /> : null}
            </>
          ) : null
        }
      >
        {category?.name ?? "New category"}
      </PageTitle>
      <Clash form={form} names={NAMES} />
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void form.save();
        }}
        className="grid items-start gap-4 pb-20 wide:grid-cols-[minmax(0,1fr)_min(20.5rem,38%)]"
      >
        <Panel title="Text">
          <fieldset disabled={!editable || form.busy} className="grid gap-4 border-t border-line p-4">
            <legend className="sr-only">Name, parent and story</legend>
            <TextField label="Name" {...field("name")} autoComplete="off" />
            <SlugField
              path="/c/"
              value={draft.slug}
              name={draft.name}
              saved={slug}
              maxLength={MAX_SLUG}
              error={errors.slug}
              onChange={(value) => set({ slug: value })}
            />
            <Select label="Parent category" {...field("parent")}>
              <option value="">None (top level)</option>
              {branches
                .filter((branch) => branch.slug !== slug && !branch.above.includes(slug))
                .map((branch) => (
                  <option key={branch.slug} value={branch.slug}>
                    {"  ".repeat(branch.above.length)}
                    {branch.name}
                  </option>
                ))}
            </Select>
            <TextArea label="Story" rows={5} {...field("story")} hint="A line or two above its products." />
          </fieldset>
        </Panel>
        <div className="grid gap-4">
          <Seo
            title={draft.seo_title}
            description={draft.seo_description}
            set={set}
            errors={errors}
            editable={editable}
            fallback={draft.name}
          />
          {category && here ? (
            <Panel title="Contents">
              <ul className="grid gap-1 border-t border-line px-4 py-3">
                <li>
                  <Link to={`/products?category=${slug}`} className="underline underline-offset-4">
                    {counted(here.held, "product", "products")}
                  </Link>
                  <span className="text-ink-2">, drafts and archived included</span>
                </li>
                <li className="text-ink-2">{counted(here.seen, "is", "are")} seen in the shop, with all below it</li>
                <li className="text-ink-2">{counted(here.children, "category", "categories")} below it</li>
                {editable ? (
                  <li className="pt-1">
                    <Link to={`/categories/~new?in=${slug}`} className="underline underline-offset-4">
                      New category in it
                    </Link>
                  </li>
                ) : null}
              </ul>
            </Panel>
          ) : null}
        </div>
        {category ? (
          <SaveBar
            count={editable ? form.changed.length : 0}
            busy={form.busy}
            onSave={() => void form.save()}
            onDiscard={form.discard}
          />
        ) : editable ? (
          <div className="wide:col-span-2">
            <Button type="submit" kind="primary" busy={form.busy}>
              Create category
            </Button>
          </div>
        ) : null}
      </form>
    </>
  );
}

function Delete({ category, etag, here }: { category: CategoryWhole; etag: string; here: Branch | undefined }) {
  const full = here && here.held + here.children > 0;
  return (
    <Remove
      name={category.name}
      act={() => categories.remove(category.slug, etag)}
      back="/categories"
      refusal={
        full ? (
          <>
            <p>
              {[
                here.held ? counted(here.held, "product is", "products are") : "",
                here.children ? counted(here.children, "category is", "categories are") : "",
              ]
                .filter(Boolean)
                .join(" and ")}{" "}
              in it. Move these first: nothing is deleted with it.
            </p>
            {here.held ? (
              <p>
                <Link to={`/products?category=${category.slug}`} className="underline underline-offset-4">
                  See its products
                </Link>
              </p>
            ) : null}
          </>
        ) : null
      }
    >
      <p>It is empty, so no product changes.</p>
      <p>Its address, and the old addresses that lead to it, will answer “not found” from then on.</p>
    </Remove>
  );
}

const counted = (count: number, one: string, many: string) => `${count} ${count === 1 ? one : many}`;
