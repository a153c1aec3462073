import { unwrap } from "@noirel/shared/api/problem";
import type { Cart } from "@noirel/shared/api/types";
import { callApi } from "../server/api.server";

/** The bag as the front server reads and changes it, for pages without JavaScript. The id is the guest's key. */
export function bagCall(path: string, init: { method?: "POST" | "DELETE"; data?: object } = {}): Promise<Cart> {
  return unwrap<Cart>(
    callApi(`/api/v1${path}`, {
      method: init.method ?? "GET",
      ...(init.data && { headers: { "Content-Type": "application/json" }, body: JSON.stringify(init.data) }),
    }),
  );
}
