import { send, sendTagged, type Tagged } from "@noirel/shared/api/browser";
import type {
  AdminDrop,
  AdminDropEntry,
  AdminOrder,
  AdminOrderCard,
  AdminProduct,
  AdminProductCard,
  AuditRun,
  Desk,
  InventoryRow,
  Movement,
  OrderBooks,
  Reconciliation,
  Settlement,
  Summary,
} from "./types";

/** One module that knows the staff's half of the contract by its paths; pages know only these verbs. */
export type Page<T> = { results: T[]; next: string | null; total: number };

export type { Tagged };

const page = <T>(url: string, params: Query, signal?: AbortSignal) =>
  send<Page<T>>({ url, params, ...(signal && { signal }) });

type Query = Record<string, string | undefined>;

const once = (key: string) => ({ "Idempotency-Key": key });

export const orders = {
  list: (query: Query, signal?: AbortSignal) => page<AdminOrderCard>("/admin/orders", query, signal),
  /** The order as it is, or as it was at an instant. */
  get: (number: string, { at, signal }: { at?: string | undefined; signal?: AbortSignal } = {}) =>
    send<AdminOrder>({ url: `/admin/orders/${number}`, params: { at }, ...(signal && { signal }) }),
  books: (number: string) => send<OrderBooks>({ url: `/admin/orders/${number}/books` }),
  act: (
    number: string,
    verb: "capture" | "fulfil" | "ship" | "deliver" | "cancel" | "notes" | "refund",
    data: object,
    key: string = crypto.randomUUID(),
  ) => send<AdminOrder>({ method: "post", url: `/admin/orders/${number}/${verb}`, data, headers: once(key) }),
};

export const desk = {
  list: (query: Query, signal?: AbortSignal) =>
    send<Desk>({ url: "/admin/desk", params: query, ...(signal && { signal }) }),
  resolve: (id: string, data: { act: string; note: string }, key: string) =>
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
    sendTagged<AdminProduct>({ url: `/admin/products/${slug}`, ...(signal && { signal }) }),
  save: (slug: string, data: object, etag: string) =>
    sendTagged<AdminProduct>({
      method: "patch",
      url: `/admin/products/${slug}`,
      data,
      headers: etag ? { "If-Match": etag } : {},
    }),
  saveVariant: (sku: string, data: object) =>
    send<AdminProduct>({ method: "patch", url: `/admin/variants/${encodeURIComponent(sku)}`, data }),
};

export const inventory = {
  list: (query: Query, signal?: AbortSignal) => page<InventoryRow>("/admin/inventory", query, signal),
  adjust: (sku: string, data: { delta: number; reason: string; note: string }, key: string) =>
    send<InventoryRow>({
      method: "post",
      url: `/admin/inventory/${encodeURIComponent(sku)}/adjust`,
      data,
      headers: once(key),
    }),
  movements: (sku: string, query: Query = {}) =>
    page<Movement>(`/admin/inventory/${encodeURIComponent(sku)}/movements`, query),
};

export const analytics = {
  summary: (from: string, to: string, signal?: AbortSignal) =>
    send<Summary>({ url: "/admin/analytics/summary", params: { from, to }, ...(signal && { signal }) }),
};

export type DropAct = "announce" | "close" | "draw" | "end";

export const drops = {
  list: (query: Query, signal?: AbortSignal) => page<AdminDrop>("/admin/drops", query, signal),
  get: (slug: string, signal?: AbortSignal) =>
    sendTagged<AdminDrop>({ url: `/admin/drops/${slug}`, ...(signal && { signal }) }),
  create: (data: object) => send<AdminDrop>({ method: "post", url: "/admin/drops", data }),
  save: (slug: string, data: object, etag: string) =>
    sendTagged<AdminDrop>({ method: "patch", url: `/admin/drops/${slug}`, data, headers: { "If-Match": etag } }),
  act: (slug: string, act: DropAct, data: object, etag: string, key: string) =>
    send<AdminDrop>({
      method: "post",
      url: `/admin/drops/${slug}/${act}`,
      data,
      headers: { "If-Match": etag, "Idempotency-Key": key },
    }),
  entries: (slug: string, query: Query, signal?: AbortSignal) =>
    page<AdminDropEntry>(`/admin/drops/${slug}/entries`, query, signal),
};

export const reconciliation = {
  get: (signal?: AbortSignal) => send<Reconciliation>({ url: "/admin/reconciliation", ...(signal && { signal }) }),
  run: () => send<AuditRun>({ method: "post", url: "/admin/reconciliation/run", data: {} }),
  settlements: (query: Query, signal?: AbortSignal) =>
    page<Settlement>("/admin/reconciliation/settlements", query, signal),
};
