import { type APIRequestContext, expect } from "@playwright/test";
import type { Bank } from "./gateway";

export type Placed = { number: string; token: string; gatewayOrder: string; total: number };
export type Line = { sku: string; quantity: number };

const ADDRESS = {
  name: "Ananya Rao",
  line1: "14 Lavelle Road",
  line2: "",
  city: "Bengaluru",
  region: "KA",
  postcode: "560001",
  country: "IN",
  phone: "+919886012345",
};

/** Another shopper, who buys over the API: for stories that begin where a purchase has ended. */
export async function place(request: APIRequestContext, email: string, ...lines: Line[]): Promise<Placed> {
  return placeWith(request, email, { lines });
}

/** The same with words of the shopper's own: the address, the gift, the note. */
export async function placeWith(
  request: APIRequestContext,
  email: string,
  {
    lines,
    address = {},
    gift,
    note,
  }: { lines: Line[]; address?: Partial<typeof ADDRESS>; gift?: { wrap: boolean; message: string }; note?: string },
): Promise<Placed> {
  const call = async <T>(method: string, path: string, data?: object): Promise<T> => {
    const answer = await request.fetch(`/api/v1/${path}`, {
      method,
      ...(data && { data }),
      headers: { "Idempotency-Key": crypto.randomUUID() },
    });
    expect(answer.ok(), `${method} ${path}: ${await answer.text()}`).toBe(true);
    return answer.json();
  };
  type Cart = { id: string; totals: { total: { amount: number } } };
  const { id } = await call<Cart>("POST", "carts", { lines });
  if (gift) await call("PATCH", `carts/${id}`, { gift });
  await call("PATCH", `carts/${id}`, { country: ADDRESS.country, postcode: ADDRESS.postcode });
  const { results } = await call<{ results: { code: string }[] }>("GET", `carts/${id}/shipping-methods`);
  const shipping_method = results[0]?.code ?? "";
  const { totals } = await call<Cart>("PATCH", `carts/${id}`, { shipping_method });
  const { order, order_token, payment } = await call<{
    order: { number: string };
    order_token: string;
    payment: { gateway_order_id: string };
  }>("POST", "checkout", {
    cart: id,
    email,
    shipping_address: { ...ADDRESS, ...address },
    shipping_method,
    ...(note && { note }),
    expected_total: totals.total,
  });
  return {
    number: order.number,
    token: order_token,
    gatewayOrder: payment.gateway_order_id,
    total: totals.total.amount,
  };
}

/** The same, paid. */
export async function placePaid(
  request: APIRequestContext,
  bank: Bank,
  email: string,
  ...lines: Line[]
): Promise<Placed> {
  const placed = await place(request, email, ...lines);
  const status = await verify(request, placed, await bank.pay(placed.gatewayOrder));
  expect(status).toBe("paid");
  return placed;
}

/** Tells the shop what the window's handler was told; the order's status then. */
export async function verify(request: APIRequestContext, { number, token }: Placed, paid: object): Promise<string> {
  const answer = await request.post(`/api/v1/orders/${number}/payment/verify?token=${token}`, { data: paid });
  expect(answer.ok(), await answer.text()).toBe(true);
  return ((await answer.json()) as { status: string }).status;
}
