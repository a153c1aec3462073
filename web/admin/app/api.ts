import { send, sendForm, sendTagged, type Tagged } from "@noirel/shared/api/browser";
import { Problem } from "@noirel/shared/api/problem";
import type { IdempotencyKey } from "@noirel/shared/idempotency";
import type {
  AdminCollectionCard,
  AdminDrop,
  AdminDropEntry,
  AdminOrder,
  AdminOrderCard,
  AdminProduct,
  AdminProductCard,
  Attribute,
  AuditRun,
  BulkChange,
  BulkFinding,
  BulkPreview,
  BulkRequest,
  Category,
  Export,
  Import,
  ImportFinding,
  InventoryRow,
  LedgerEntry,
  Media,
  MediaUpload,
  Money,
  Movement,
  OrderBooks,
  OutboxEvent,
  OutboxEventWhole,
  Reconciliation,
  ReviewQueue,
  Settlement,
  Shop,
  Summary,
  WebhookEvent,
  WebhookEventWhole,
} from "./types";

/** One module that knows the staff's half of the contract by its paths; pages know only these verbs. */
export type Page<T> = {
  results: T[];
  next: string | null;
  total: number;
  /** What was wrong with the query, by parameter (ui/listing.tsx). */
  refused?: Record<string, string>;
};

export type { Tagged };

const page = <T>(url: string, params: Query, signal?: AbortSignal) =>
  send<Page<T>>({ url, params, ...(signal && { signal }) });

export type Stock = InventoryRow & { etag: string };
export type Terms = { tracked?: boolean; policy?: InventoryRow["policy"]; expected_on?: string | null };

type Query = Record<string, string | undefined>;

const once = (key: IdempotencyKey) => ({ "Idempotency-Key": key });

export const orders = {
  list: (query: Query, signal?: AbortSignal) => page<AdminOrderCard>("/admin/orders", query, signal),
  /** The order as it is, or as it was at an instant. */
  get: (number: string, { at, signal }: { at?: string | undefined; signal?: AbortSignal } = {}) =>
    send<AdminOrder>({ url: `/admin/orders/${number}`, params: { at }, ...(signal && { signal }) }),
  books: (number: string) => send<OrderBooks>({ url: `/admin/orders/${number}/books` }),
  act: (
    number: string,
    verb: "capture" | "revoke-links" | "fulfil" | "deliver" | "cancel" | "notes" | "refund",
    data: object,
    key: IdempotencyKey,
  ) => send<AdminOrder>({ method: "post", url: `/admin/orders/${number}/${verb}`, data, headers: once(key) }),
  shipParcel: (id: string, data: object, key: IdempotencyKey) =>
    send<AdminOrder>({ method: "post", url: `/admin/shipments/${id}/ship`, data, headers: once(key) }),
  unpackParcel: (id: string, key: IdempotencyKey) =>
    send<AdminOrder>({ method: "post", url: `/admin/shipments/${id}/unpack`, data: {}, headers: once(key) }),
  deliverParcel: (id: string, key: IdempotencyKey) =>
    send<AdminOrder>({ method: "post", url: `/admin/shipments/${id}/deliver`, data: {}, headers: once(key) }),
};

export const reviewQueue = {
  list: (query: Query, signal?: AbortSignal) =>
    send<ReviewQueue>({ url: "/admin/desk", params: query, ...(signal && { signal }) }),
  resolve: (id: string, data: { act: string; note: string }, key: IdempotencyKey) =>
    send<{ says: string }>({
      method: "post",
      url: `/admin/desk/${encodeURIComponent(id)}/resolve`,
      data,
      headers: once(key),
    }),
};

export const products = {
  list: (query: Query, signal?: AbortSignal) => page<AdminProductCard>("/admin/products", query, signal),
  get: (slug: string, signal?: AbortSignal) =>
    sendTagged<AdminProduct>({ url: `/admin/products/${encodeURIComponent(slug)}`, ...(signal && { signal }) }),
  save: (slug: string, data: object, etag: string) =>
    sendTagged<AdminProduct>({
      method: "patch",
      url: `/admin/products/${encodeURIComponent(slug)}`,
      data,
      headers: etag ? { "If-Match": etag } : {},
    }),
  create: (data: object) => send<AdminProduct>({ method: "post", url: "/admin/products", data }),
  setOptions: (slug: string, options: object[], etag: string) =>
    send<AdminProduct>({
      method: "put",
      url: `/admin/products/${encodeURIComponent(slug)}/options`,
      data: { options },
      headers: { "If-Match": etag },
    }),
  makeMissing: (slug: string, price: Money) =>
    send<AdminProduct>({
      method: "post",
      url: `/admin/products/${encodeURIComponent(slug)}/variants/missing`,
      data: { price },
    }),
  addVariant: (slug: string, data: object) =>
    send<AdminProduct>({ method: "post", url: `/admin/products/${encodeURIComponent(slug)}/variants`, data }),
  archiveVariant: (sku: string) => send<void>({ method: "delete", url: `/admin/variants/${encodeURIComponent(sku)}` }),
  /** What would be kept of a story: the rest is taken out when it is saved. */
  keptOf: (story: string, signal?: AbortSignal) =>
    send<{ story: string }>({ method: "post", url: "/admin/story", data: { story }, ...(signal && { signal }) }),
};

/** One act on many products: few are changed at once, many by the worker. */
export const bulk = {
  ask: (asked: BulkRequest, key: IdempotencyKey) =>
    send<BulkChange>({ method: "post", url: "/admin/bulk-changes", data: asked, headers: once(key), timeout: 60_000 }),
  preview: (asked: BulkRequest, signal: AbortSignal) =>
    send<BulkPreview>({ method: "post", url: "/admin/bulk-changes/preview", data: asked, signal }),
  newest: async (signal?: AbortSignal) =>
    (await page<BulkChange>("/admin/bulk-changes", { limit: "1" }, signal)).results[0] ?? null,
  get: (id: string) => send<BulkChange>({ url: `/admin/bulk-changes/${id}` }),
  cancel: (id: string) => send<BulkChange>({ method: "post", url: `/admin/bulk-changes/${id}/cancel`, data: {} }),
  findings: (id: string, query: Query) => page<BulkFinding>(`/admin/bulk-changes/${id}/findings`, query),
};

/** What products are sorted by; short lists, read whole. */
export const taxonomy = {
  categories: (signal?: AbortSignal) => page<Category>("/admin/categories", {}, signal),
  collections: (signal?: AbortSignal) => page<AdminCollectionCard>("/admin/collections", {}, signal),
  attributes: (signal?: AbortSignal) => page<Attribute>("/admin/attributes", {}, signal),
};

export const media = {
  list: (query: Query, signal?: AbortSignal) => page<Media>("/admin/media", query, signal),
  get: (id: string, signal?: AbortSignal) => send<Media>({ url: `/admin/media/${id}`, ...(signal && { signal }) }),
  /** A place for one file, and the ticket to send it with: to the bucket, or to the shop where there is none. */
  ask: ({ name, size }: File, type: string) =>
    send<MediaUpload>({
      method: "post",
      url: "/admin/media/uploads",
      data: { name: name.slice(-255), content_type: type, bytes: size },
    }),
  send: ({ url, fields }: MediaUpload["ticket"], file: File, onPart: (part: number) => void) =>
    sendForm(url, { ...fields, file }, onPart),
  confirm: (id: string) =>
    // Looking at a large picture takes a while.
    send<Media>({ method: "post", url: `/admin/media/uploads/${id}/confirm`, data: {}, timeout: 60_000 }),
  /** seen: what the form was filled with. What somebody else said meanwhile is not overwritten: 412. */
  describe: async (id: string, news: { alt?: string; focal?: Media["focal"] }, seen: Pick<Media, "alt" | "focal">) => {
    const { value, etag } = await sendTagged<Media>({ url: `/admin/media/${id}` });
    if (value.alt !== seen.alt || value.focal?.x !== seen.focal?.x || value.focal?.y !== seen.focal?.y) {
      throw new Problem(412, { title: "The picture was changed meanwhile.", code: "precondition_failed" });
    }
    return send<Media>({ method: "patch", url: `/admin/media/${id}`, data: news, headers: { "If-Match": etag } });
  },
};

export const shop = {
  get: (signal?: AbortSignal) => send<Shop>({ url: "/shop", ...(signal && { signal }) }),
};

export const inventory = {
  list: (query: Query, signal?: AbortSignal) => page<InventoryRow>("/admin/inventory", query, signal),
  adjust: (sku: string, data: { delta: number; reason: string; note: string }, key: IdempotencyKey) =>
    send<InventoryRow>({
      method: "post",
      url: `/admin/inventory/${encodeURIComponent(sku)}/adjust`,
      data,
      headers: once(key),
    }),
  /** The row, with the version of its terms. */
  get: async (sku: string, signal?: AbortSignal): Promise<Stock> => {
    const url = `/admin/inventory/${encodeURIComponent(sku)}`;
    const { value, etag } = await sendTagged<InventoryRow>({ url, ...(signal && { signal }) });
    return { ...value, etag };
  },
  /** seen is what the books said when counting began: stock that moved meanwhile is not overwritten. */
  count: (sku: string, data: { counted: number; seen: number; note: string }, key: IdempotencyKey) =>
    send<InventoryRow>({
      method: "post",
      url: `/admin/inventory/${encodeURIComponent(sku)}/count`,
      data,
      headers: once(key),
    }),
  terms: (sku: string, data: Terms, etag: string) =>
    send<InventoryRow>({
      method: "patch",
      url: `/admin/inventory/${encodeURIComponent(sku)}/terms`,
      data,
      headers: { "If-Match": etag },
    }),
  movements: (sku: string, query: Query = {}, signal?: AbortSignal) =>
    page<Movement>(`/admin/inventory/${encodeURIComponent(sku)}/movements`, query, signal),
};

export const analytics = {
  summary: (from: string, to: string, signal?: AbortSignal) =>
    send<Summary>({ url: "/admin/analytics/summary", params: { from, to }, ...(signal && { signal }) }),
};

export type DropAct = "announce" | "postpone" | "close" | "draw" | "end";

export const drops = {
  list: (query: Query, signal?: AbortSignal) => page<AdminDrop>("/admin/drops", query, signal),
  get: (slug: string, signal?: AbortSignal) =>
    sendTagged<AdminDrop>({ url: `/admin/drops/${encodeURIComponent(slug)}`, ...(signal && { signal }) }),
  create: (data: object) => send<AdminDrop>({ method: "post", url: "/admin/drops", data }),
  save: (slug: string, data: object, etag: string) =>
    sendTagged<AdminDrop>({
      method: "patch",
      url: `/admin/drops/${encodeURIComponent(slug)}`,
      data,
      headers: { "If-Match": etag },
    }),
  remove: (slug: string, etag: string) =>
    send<void>({
      method: "delete",
      url: `/admin/drops/${encodeURIComponent(slug)}`,
      headers: { "If-Match": etag },
    }),
  act: (slug: string, act: DropAct, data: object, etag: string, key: IdempotencyKey) =>
    send<AdminDrop>({
      method: "post",
      url: `/admin/drops/${encodeURIComponent(slug)}/${act}`,
      data,
      headers: { "If-Match": etag, "Idempotency-Key": key },
    }),
  entries: (slug: string, query: Query, signal?: AbortSignal) =>
    page<AdminDropEntry>(`/admin/drops/${encodeURIComponent(slug)}/entries`, query, signal),
};

export const reconciliation = {
  get: (signal?: AbortSignal) => send<Reconciliation>({ url: "/admin/reconciliation", ...(signal && { signal }) }),
  run: () => send<AuditRun>({ method: "post", url: "/admin/reconciliation/run", data: {} }),
  settlements: (query: Query, signal?: AbortSignal) =>
    page<Settlement>("/admin/reconciliation/settlements", query, signal),
};

export type LedgerPage = Page<LedgerEntry> & { sums: OrderBooks["balances"] };

export const ledger = {
  list: (query: Query, signal?: AbortSignal) =>
    send<LedgerPage>({ url: "/admin/ledger/entries", params: query, ...(signal && { signal }) }),
  download: (query: Query) => download("/admin/ledger/entries.csv", "ledger.csv", query),
};

/** What the gateway told us, and what we had to tell ourselves. */
export const events = {
  webhooks: (query: Query, signal?: AbortSignal) => page<WebhookEvent>("/admin/webhook-events", query, signal),
  webhook: (id: string, signal?: AbortSignal) =>
    send<WebhookEventWhole>({ url: `/admin/webhook-events/${id}`, ...(signal && { signal }) }),
  replay: (id: number, key: IdempotencyKey) =>
    send<WebhookEventWhole>({
      method: "post",
      url: `/admin/webhook-events/${id}/replay`,
      data: {},
      headers: once(key),
    }),
  ours: (query: Query, signal?: AbortSignal) => page<OutboxEvent>("/admin/outbox-events", query, signal),
  our: (id: string, signal?: AbortSignal) =>
    send<OutboxEventWhole>({ url: `/admin/outbox-events/${id}`, ...(signal && { signal }) }),
  retry: (id: number, key: IdempotencyKey) =>
    send<OutboxEventWhole>({ method: "post", url: `/admin/outbox-events/${id}/retry`, data: {}, headers: once(key) }),
};

/** A file that only the session may fetch: the browser gets it as if from a link. */
async function download(url: string, name: string, params: Query = {}) {
  const blob = await send<Blob>({ url, params, responseType: "blob", timeout: 0 });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

export const imports = {
  list: (query: Query, signal?: AbortSignal) => page<Import>("/admin/imports", query, signal),
  get: (id: string, signal?: AbortSignal) => send<Import>({ url: `/admin/imports/${id}`, ...(signal && { signal }) }),
  /** done: the share of the file that has been sent. */
  handIn: (file: File, currency: string, taxRateBps: number, done: (share: number) => void) => {
    const data = new FormData();
    data.set("file", file);
    data.set("currency", currency);
    data.set("tax_rate_bps", String(taxRateBps));
    data.set("dry_run", "true");
    return send<Import>({
      method: "post",
      url: "/admin/imports",
      data,
      timeout: 0,
      onUploadProgress: ({ progress }) => done(progress ?? 0),
    });
  },
  act: (id: string, act: "run" | "cancel") =>
    send<Import>({ method: "post", url: `/admin/imports/${id}/${act}`, data: {} }),
  findings: (id: string, query: Query, signal?: AbortSignal) =>
    page<ImportFinding>(`/admin/imports/${id}/findings`, query, signal),
  downloadFindings: (id: string) => download(`/admin/imports/${id}/findings.csv`, `import-${id}.csv`),
};

export const exports = {
  list: (query: Query, signal?: AbortSignal) => page<Export>("/admin/exports", query, signal),
  askFor: (currency: string, spreadsheetSafe: boolean) =>
    send<Export>({
      method: "post",
      url: "/admin/exports",
      data: { currency, spreadsheet_safe: spreadsheetSafe },
    }),
  cancel: (id: string) => send<Export>({ method: "post", url: `/admin/exports/${id}/cancel`, data: {} }),
  download: ({ id, file }: Export) => download(`/admin/exports/${id}/file`, file?.name ?? "products.csv"),
};
