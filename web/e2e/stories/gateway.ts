import { type APIRequestContext, expect } from "@playwright/test";

const GATEWAY = `${process.env.GATEWAY_URL}/_test`;

export type Bank = {
  /** What the window would do: a payment of this gateway order, as its handler would be told. */
  pay: (order: string) => Promise<Paid>;
  /** Something goes wrong, from now on, with this gateway order alone. */
  fault: (
    order: string,
    fault: { on: string; do: string; times?: number | null } & Record<string, unknown>,
  ) => Promise<void>;
  /** Sends what a `hold` fault has held back of this gateway order. */
  release: (order: string) => Promise<void>;
};
export type Paid = { razorpay_order_id: string; razorpay_payment_id: string; razorpay_signature: string };

/** The test doors of the gateway that `make run` brings. */
export function bank(request: APIRequestContext): Bank {
  const door = async <T>(path: string, data: object): Promise<T> => {
    const answer = await request.post(`${GATEWAY}/${path}`, { data });
    expect(answer.ok(), `${path}: ${await answer.text()}`).toBe(true);
    return answer.json();
  };
  return {
    pay: (order) => door(`orders/${order}/pay`, { outcome: "success", method: "card" }),
    fault: async (order, fault) =>
      void (await door("faults", { ...fault, order_id: order, times: fault.times ?? null })),
    async release(order) {
      const held = await request.get(`${GATEWAY}/webhooks`, { params: { about: order, state: "held" } });
      const events = (await held.json()) as { event_id: string }[];
      await door("webhooks/release", { event_ids: events.map(({ event_id }) => event_id) });
    },
  };
}
