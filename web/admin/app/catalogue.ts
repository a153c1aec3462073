import { send, sendTagged } from "@noirel/shared/api/browser";
import type { components } from "@noirel/shared/api/schema";
import type { Page } from "./api";

/** What products are sorted by, as staff read and write it. */
type Schemas = components["schemas"];
/** The schema writes a tree two levels deep; it is as deep as the shop makes it. */
export type CategoryNode = Omit<Schemas["AdminCategoryNode"], "children"> & { children: CategoryNode[] };
export type CategoryWhole = Schemas["AdminCategory"];
export type CollectionCard = Schemas["AdminCollectionCard"];
export type CollectionWhole = Schemas["AdminCollection"];
export type CollectionItem = Schemas["CollectionItem"];
export type Rule = Schemas["Rule"];
export type Preview = Schemas["Count"];
export type AttributeCard = Schemas["Attribute"];
export type AttributeWhole = Schemas["AttributeDetail"];
export type OldAddress = Schemas["Redirect"];
export type Synonym = Schemas["Synonym"];
export type Boost = Schemas["Boost"];
export type SearchPreview = Schemas["Preview"];
export type Hit = Schemas["Hit"];
type Query = Record<string, string | undefined>;

/** Below which category (null: at the top), and before which of those that stand there (null: last). */
export type Place = { parent: string | null; before: string | null };

const withSignal = (signal?: AbortSignal) => (signal ? { signal } : {});
const seen = (etag: string) => ({ "If-Match": etag });
const at = (path: string, name: string) => `/admin/${path}/${encodeURIComponent(name)}`;

export const categories = {
  tree: (signal?: AbortSignal) => send<Page<CategoryNode>>({ url: "/admin/categories", ...withSignal(signal) }),
  get: (slug: string, signal?: AbortSignal) =>
    sendTagged<CategoryWhole>({ url: at("categories", slug), ...withSignal(signal) }),
  create: (data: object) => sendTagged<CategoryWhole>({ method: "post", url: "/admin/categories", data }),
  save: (slug: string, data: object, etag: string) =>
    sendTagged<CategoryWhole>({ method: "patch", url: at("categories", slug), data, headers: seen(etag) }),
  place: (slug: string, place: Place) =>
    send<Page<CategoryNode>>({ method: "put", url: `${at("categories", slug)}/place`, data: place }),
  remove: (slug: string, etag: string) =>
    send<void>({ method: "delete", url: at("categories", slug), headers: seen(etag) }),
};

export const collections = {
  list: (signal?: AbortSignal) => send<Page<CollectionCard>>({ url: "/admin/collections", ...withSignal(signal) }),
  get: (slug: string, signal?: AbortSignal) =>
    sendTagged<CollectionWhole>({ url: at("collections", slug), ...withSignal(signal) }),
  create: (data: object) => sendTagged<CollectionWhole>({ method: "post", url: "/admin/collections", data }),
  save: (slug: string, data: object, etag: string) =>
    sendTagged<CollectionWhole>({ method: "patch", url: at("collections", slug), data, headers: seen(etag) }),
  remove: (slug: string, etag: string) =>
    send<void>({ method: "delete", url: at("collections", slug), headers: seen(etag) }),
  /** How many products some rules gather, and the newest of them. */
  preview: (rules: Rule[], match: "all" | "any", signal?: AbortSignal) =>
    send<Preview>({ method: "post", url: "/admin/collections/count", data: { rules, match }, ...withSignal(signal) }),
};

export const attributes = {
  list: (signal?: AbortSignal) => send<Page<AttributeCard>>({ url: "/admin/attributes", ...withSignal(signal) }),
  get: (name: string, signal?: AbortSignal) =>
    sendTagged<AttributeWhole>({ url: at("attributes", name), ...withSignal(signal) }),
  create: (data: object) => sendTagged<AttributeWhole>({ method: "post", url: "/admin/attributes", data }),
  save: (name: string, data: object, etag: string) =>
    sendTagged<AttributeWhole>({ method: "patch", url: at("attributes", name), data, headers: seen(etag) }),
  remove: (name: string, etag: string) =>
    send<void>({ method: "delete", url: at("attributes", name), headers: seen(etag) }),
  order: (names: string[]) =>
    send<Page<AttributeCard>>({ method: "put", url: "/admin/attribute-order", data: { names } }),
};

export const redirects = {
  list: (query: Query, signal?: AbortSignal) =>
    send<Page<OldAddress>>({ url: "/admin/redirects", params: query, ...withSignal(signal) }),
  // Named one by one here and in `addBoost`: the API refuses the read-only fields that a whole row has as well.
  add: ({ kind, slug, to }: Pick<OldAddress, "kind" | "slug" | "to">) =>
    send<OldAddress>({ method: "post", url: "/admin/redirects", data: { kind, slug, to } }),
  remove: ({ kind, slug }: OldAddress) => send<void>({ method: "delete", url: at(`redirects/${kind}`, slug) }),
};

/** What staff say about searches; short lists, read whole. */
export const search = {
  try: (q: string, signal?: AbortSignal) =>
    send<SearchPreview>({ url: "/admin/search/preview", params: { q }, ...withSignal(signal) }),
  synonyms: (signal?: AbortSignal) => whole<Synonym>("/admin/search/synonyms", signal),
  addSynonym: (terms: string[]) => send<Synonym>({ method: "post", url: "/admin/search/synonyms", data: { terms } }),
  changeSynonym: (id: number, terms: string[]) =>
    send<Synonym>({ method: "patch", url: `/admin/search/synonyms/${id}`, data: { terms } }),
  removeSynonym: (id: number) => send<void>({ method: "delete", url: `/admin/search/synonyms/${id}` }),
  boosts: (signal?: AbortSignal) => whole<Boost>("/admin/search/boosts", signal),
  addBoost: ({ product, query, weight }: Pick<Boost, "product" | "query" | "weight">) =>
    send<Boost>({ method: "post", url: "/admin/search/boosts", data: { product, query, weight } }),
  changeBoost: (id: number, weight: number) =>
    send<Boost>({ method: "patch", url: `/admin/search/boosts/${id}`, data: { weight } }),
  removeBoost: (id: number) => send<void>({ method: "delete", url: `/admin/search/boosts/${id}` }),
};

/** A list with all of its pages. */
async function whole<T>(url: string, signal?: AbortSignal): Promise<T[]> {
  const found: T[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await send<Page<T>>({ url, params: { limit: "100", cursor }, ...withSignal(signal) });
    found.push(...page.results);
    if (!page.next) return found;
    cursor = page.next;
  }
}

/** Stands in the URL where a name would: "new" is a name that something may well have, this is not. */
export const NEW = "~new";
