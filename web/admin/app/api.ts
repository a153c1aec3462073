import { api } from "@noirel/shared/api/browser";
import type { AdminOrder, AdminOrderCard, AdminProduct, AdminProductCard, InventoryRow, Money } from "@noirel/shared/api/types";

/** One module that knows the staff's half of the contract by its paths; pages know only these verbs. */
export type Page<T> = { results: T[]; next: string | null; total: number };

export type Tagged<T> = { value: T; etag: string };

export type Movement = {
  id: string;
  at: string;
  delta: number;
  reason: string;
  note: string;
  actor: string;
  reference: string;
  on_hand_after: number;
};

type Compared<T> = { value: T; previous: T };

export type Summary = {
  from: string;
  to: string;
  net_revenue: Compared<Money>;
  orders: Compared<number>;
  average_order: Compared<Money>;
  refunded: Compared<Money>;
  units: Compared<number>;
  series: { date: string; net_revenue: Money; orders: number; previous_net_revenue: Money }[];
  best_sellers: { slug: string; name: string; image: AdminProductCard["image"]; units: number; revenue: Money; available: number | null }[];
  needs_you: { kind: string; title: string; detail: string; link: string }[];
};

async function page<T>(path: string, params: Record<string, string | undefined>, signal?: AbortSignal): Promise<Page<T>> {
  const { data } = await api.get<Page<T>>(path, { params, ...(signal ? { signal } : {}) });
  return data;
}

async function tagged<T>(path: string, signal?: AbortSignal): Promise<Tagged<T>> {
  const { data, headers } = await api.get<T>(path, signal ? { signal } : {});
  return { value: data, etag: String(headers.etag ?? "") };
}

type Query = Record<string, string | undefined>;

export const orders = {
  list: (query: Query, signal?: AbortSignal) => page<AdminOrderCard>("/admin/orders", query, signal),
  get: async (number: string, signal?: AbortSignal) => (await tagged<AdminOrder>(`/admin/orders/${number}`, signal)).value,
  act: async (number: string, verb: "fulfil" | "ship" | "deliver" | "cancel" | "notes", body: object = {}) =>
    (await api.post<AdminOrder>(`/admin/orders/${number}/${verb}`, body)).data,
};

export const products = {
  list: (query: Query, signal?: AbortSignal) => page<AdminProductCard>("/admin/products", query, signal),
  get: (slug: string, signal?: AbortSignal) => tagged<AdminProduct>(`/admin/products/${slug}`, signal),
  save: async (slug: string, changes: object, etag: string): Promise<Tagged<AdminProduct>> => {
    const { data, headers } = await api.patch<AdminProduct>(`/admin/products/${slug}`, changes, {
      headers: etag ? { "If-Match": etag } : {},
    });
    return { value: data, etag: String(headers.etag ?? "") };
  },
  saveVariant: (sku: string, changes: object) => api.patch(`/admin/variants/${encodeURIComponent(sku)}`, changes),
};

export const inventory = {
  list: (query: Query, signal?: AbortSignal) => page<InventoryRow>("/admin/inventory", query, signal),
  adjust: async (sku: string, body: { delta: number; reason: string; note: string }, key: string) =>
    (
      await api.post<InventoryRow>(`/admin/inventory/${encodeURIComponent(sku)}/adjust`, body, {
        headers: { "Idempotency-Key": key },
      })
    ).data,
  movements: (sku: string, query: Query = {}) => page<Movement>(`/admin/inventory/${encodeURIComponent(sku)}/movements`, query),
};

export const analytics = {
  summary: async (from: string, to: string, signal?: AbortSignal) =>
    (await api.get<Summary>("/admin/analytics/summary", { params: { from, to }, ...(signal ? { signal } : {}) })).data,
};
