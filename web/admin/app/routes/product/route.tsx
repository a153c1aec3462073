import { isProblem, Problem } from "@noirel/shared/api/problem";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { Link, type LoaderFunctionArgs, useLoaderData, useNavigate } from "react-router";
import { media, products, type Tagged, taxonomy } from "../../api";
import { hasPermission } from "../../session/session";
import type { AdminCollectionCard, AdminProduct, Attribute, Category } from "../../types";
import { useErrorTitle } from "../../ui/ActionForm";
import { errorMessage, fieldErrors } from "../../ui/error-message";
import { PageTitle } from "../../ui/Panel";
import { SaveBar } from "../../ui/SaveBar";
import { useToast } from "../../ui/Toast";
import { useUnsaved } from "../../ui/unsaved";
import { useTitle } from "../../ui/useTitle";
import { Clashes } from "./Clashes";
import { changesOf, type Draft, draftOf, fieldOf } from "./draft";
import { Facts } from "./Facts";
import { lackingOf } from "./lacking";
import { Matrix } from "./Matrix";
import { type Clash, merged, put } from "./merge";
import { Options } from "./Options";
import { Pictures } from "./Pictures";
import { Places } from "./Places";
import { mergedPictures, pictureChanges, picturesOf, type Shown } from "./pictures";
import { Related } from "./Related";
import { Seo } from "./Seo";
import { Shop, savedWords } from "./Shop";
import type { SectionProps } from "./section";
import { Words } from "./Words";

type Loaded = {
  tagged: Tagged<AdminProduct>;
  definitions: Attribute[];
  categories: Category[];
  collections: AdminCollectionCard[];
};

export async function loader({ params, request: { signal } }: LoaderFunctionArgs): Promise<Loaded> {
  const [tagged, definitions, categories, collections] = await Promise.all([
    products.get(params.slug ?? "", signal),
    taxonomy.attributes(signal),
    taxonomy.categories(signal),
    taxonomy.collections(signal),
  ]);
  return {
    tagged,
    definitions: definitions.results,
    categories: categories.results,
    collections: collections.results,
  };
}

export function Component() {
  const loaded = useLoaderData<Loaded>();
  return <Editor key={loaded.tagged.value.slug} loaded={loaded} />;
}

function Editor({ loaded: { tagged, definitions, categories, collections } }: { loaded: Loaded }) {
  // What the form is compared with: the version that was loaded, or a later one that was saved here or elsewhere.
  const [{ value: product, etag }, compareWith] = useState(tagged);
  const [draft, edit] = useState<Draft>(() => draftOf(product, definitions));
  const [pictures, setPictures] = useState<Shown[]>(() => picturesOf(product));
  const [clashes, clash] = useState<Clash[] | null>(null);
  const [sending, setSending] = useState(false);
  const [errors, blame] = useState<Record<string, string>>({});
  const [busy, work] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const go = useNavigate();
  const say = useToast();
  useTitle(product.name);

  const { product: changed, invalid, count: fields } = changesOf(product, draft, definitions);
  const { images, about } = pictureChanges(product, pictures);
  if (images) changed.images = images;
  const count = fields + about.length + (images ? 1 : 0);
  const dirty = count > 0 || sending || Object.keys(invalid).length > 0;
  const release = useUnsaved(dirty ? Math.max(1, count) : 0);
  useErrorTitle(Object.keys(errors).length > 0);
  const editable = hasPermission("products.edit");
  const part: SectionProps = { product, draft, set: (news) => edit({ ...draft, ...news }), errors, editable };

  // The first field that is wrong gets the focus. What is wrong with no field of the form is said in a toast.
  useEffect(() => {
    if (!Object.keys(errors).length) return;
    const first = form.current?.querySelector<HTMLElement>("[aria-invalid=true]");
    if (first) first.focus();
    else say(Object.values(errors)[0] ?? "");
  }, [errors, say]);

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
      let { slug } = product;
      let now = product;
      // Alt text first: without it the product can't be published.
      for (const [id, news] of about) {
        const seen = pictures.find((one) => one.id === id)?.picture;
        if (!seen) continue;
        const picture = await media.describe(id, news, seen);
        setPictures((all) => all.map((one) => (one.id === id ? { ...one, picture } : one)));
      }
      if (Object.keys(changed).length) {
        const saved = await products.save(product.slug, changed, etag);
        now = saved.value;
        slug = now.slug;
        adopt(saved);
      } else if (about.length) adopt(await products.get(slug));
      clash(null);
      say(savedWords(now));
      if (slug !== product.slug) {
        release();
        await go(`/products/${slug}`, { replace: true });
      }
    } catch (error) {
      if (isProblem(error) && error.status === 412) await meet();
      else {
        const found = error instanceof Problem ? blamed(error, changed.variants) : {};
        if (Object.keys(found).length) blame(found);
        else say(errorMessage(error));
      }
    } finally {
      work(false);
    }
  }

  /** This is what the server has now; what was typed while it was being asked stays. */
  function adopt(fresh: Tagged<AdminProduct>) {
    const known = new Map(fresh.value.images.map((picture) => [picture.id, picture]));
    compareWith(fresh);
    edit((now) => merged(draft, now, draftOf(fresh.value, definitions)).draft);
    setPictures((now) => now.map((one) => ({ ...one, picture: known.get(one.id) ?? one.picture })));
  }
  const refresh = async () => adopt(await products.get(product.slug));

  /** Somebody saved before us: their version is what we change now, and our edits stay. */
  async function meet() {
    try {
      const theirs = await products.get(product.slug);
      const met = merged(draftOf(product, definitions), draft, draftOf(theirs.value, definitions));
      setPictures((now) => mergedPictures(product, now, theirs.value));
      compareWith(theirs);
      edit(met.draft);
      clash(met.clashes);
    } catch (error) {
      say(errorMessage(error));
    }
  }

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
      {clashes ? (
        <Clashes
          clashes={clashes}
          product={product}
          take={({ path, theirs }) => {
            edit(put(draft, path, theirs));
            clash(clashes.filter((one) => one.path !== path));
          }}
        />
      ) : null}
      <form
        ref={form}
        onSubmit={save}
        noValidate
        className="grid items-start gap-4 pb-20 wide:grid-cols-[minmax(0,1fr)_min(20.5rem,38%)]"
      >
        <div className="grid gap-4">
          <Words {...part} />
          <Options product={product} etag={etag} editable={editable} dirty={dirty} onKept={refresh} />
          <Matrix {...part} edit={edit} definitions={definitions} pictures={pictures} dirty={dirty} onKept={refresh} />
          <Facts {...part} definitions={definitions} />
          <Seo {...part} pictures={pictures} />
        </div>
        <div className="grid gap-4">
          <Shop
            {...part}
            lacking={lackingOf(draft, pictures)}
            isSaved={!["status", "published_at", "unpublish_at"].some((name) => name in changed)}
          />
          <Places {...part} categories={categories} collections={collections} />
          <Pictures pictures={pictures} change={setPictures} editable={editable} onBusy={setSending} />
          <Related {...part} />
        </div>
        <SaveBar
          count={dirty ? Math.max(1, count) : 0}
          busy={busy}
          waiting={sending ? "Sending pictures…" : undefined}
          onSave={() => void save()}
          onDiscard={() => {
            edit(draftOf(product, definitions));
            setPictures(picturesOf(product));
            clash(null);
            blame({});
          }}
        />
      </form>
    </>
  );
}

/** What the server says, at the fields of the form. */
const blamed = (problem: Problem, sent: Parameters<typeof fieldOf>[1]): Record<string, string> =>
  fieldErrors(problem, (name) => fieldOf(name, sent));
