import { unwrap } from "@noirel/shared/api/problem";
import type { Cart } from "@noirel/shared/api/types";

/** The bag as the front server reads and changes it, for pages without JavaScript. The id is the guest's key. */
export function bagCall(path: string, init: { method?: "POST" | "DELETE"; data?: object } = {}): Promise<Cart> {
  const origin = process.env.API_ORIGIN ?? "http://127.0.0.1:8010";
  return unwrap<Cart>(
    fetch(`${origin}/api/v1${path}`, {
      method: init.method ?? "GET",
      headers: { Accept: "application/json", ...(init.data && { "Content-Type": "application/json" }) },
      ...(init.data && { body: JSON.stringify(init.data) }),
    }),
  );
}
