import { unwrap } from "@noirel/shared/api/problem";
import type { Cart } from "@noirel/shared/api/types";
import { callApi } from "../server/api.server";

/** The bag as the front server reads and changes it, for pages without JavaScript. The id is the guest's key. */
export function bagCall<Answer = Cart>(
  path: string,
  init: { method?: "POST" | "PATCH" | "DELETE"; data?: object; headers?: Record<string, string> } = {},
): Promise<Answer> {
  return unwrap<Answer>(
    callApi(`/api/v1${path}`, {
      method: init.method ?? "GET",
      headers: { ...init.headers, ...(init.data && { "Content-Type": "application/json" }) },
      ...(init.data && { body: JSON.stringify(init.data) }),
    }),
  );
}
