import { createHash } from "node:crypto";
import { isProblem } from "@noirel/shared/api/problem";
import type { Cart, Entry } from "@noirel/shared/api/types";
import { data, redirect } from "react-router";
import { bagCall } from "../../cart/cart.server";
import { cartCookie, readCartCookie } from "../../cart/cart-id";
import { formOf, pageStatus } from "../../server/loading.server";
import { isSecure } from "../../server/secure.server";
import { type EntryKey, entryCookie, keyInCookie } from "./entry-key";

export const PRIVATE = { "Cache-Control": "no-store" };

/** Why a plain form was refused, and what was typed into it. */
export type Refused = { text: string; field: boolean; email: string };

/** Where a link with a key leads: to the page itself, with the key in its cookie and no longer in the address. */
export function keepAndReturn(slug: string, key: EntryKey) {
  return redirect(`/drops/${slug}`, {
    status: 303,
    headers: { ...PRIVATE, "Referrer-Policy": "no-referrer", "Set-Cookie": entryCookie(slug, key, isSecure()) },
  });
}

/** The entry that the request's cookie opens; null where there is none, or none any more. */
export async function entryOfCookie(slug: string, request: Request): Promise<Entry | null> {
  const key = keyInCookie(request.headers.get("Cookie"));
  if (!key) return null;
  try {
    return await bagCall<Entry>(`/drops/${slug}/entries/${key.entry}?token=${key.token}`);
  } catch (error) {
    if (!isProblem(error)) throw error;
    return null;
  }
}

/** The forms of a lottery where scripts are off or have not arrived: enter, confirm, put the right in the bag. */
export async function answerForm(slug: string, request: Request) {
  const form = await formOf(request);
  const intent = form.get("intent");
  const email = String(form.get("email") ?? "").trim();
  const cookies = request.headers.get("Cookie");
  const key = keyInCookie(cookies);
  try {
    if (intent === "confirm" && key) {
      const path = `/drops/${slug}/entries/${key.entry}/confirm`;
      await bagCall<Entry>(path, { method: "POST", data: { token: key.token } });
    } else if (intent === "claim" && key) {
      const cart = await claim(readCartCookie(cookies), { drop: slug, ...key });
      return redirect("/bag", { status: 303, headers: { ...PRIVATE, "Set-Cookie": cartCookie(cart.id, isSecure()) } });
    } else if (intent === "enter") {
      await bagCall<{ entry: Entry | null }>(`/drops/${slug}/entries`, {
        method: "POST",
        data: { email },
        // Shared caches keep the page, and with it the form's key: it is one press only together with the address.
        headers: { "Idempotency-Key": digest(`${form.get("key") ?? ""} ${email}`) },
      });
      return redirect(`/drops/${slug}?mailed=1`, { status: 303, headers: PRIVATE });
    }
    return redirect(`/drops/${slug}`, { status: 303, headers: PRIVATE });
  } catch (error) {
    if (!isProblem(error)) throw error;
    const field = error.field("email");
    const text =
      field ?? (error.status === 0 ? "The shop could not be reached. Try again." : error.detail || error.title);
    // A refusal is a page of its own status; an outage is one that can be retried.
    const status = error.status >= 400 && error.status < 500 ? error.status : pageStatus(error);
    return data<Refused>({ text, field: field !== undefined, email }, { status, headers: PRIVATE });
  }
}

async function claim(cart: string | null, right: EntryKey & { drop: string }): Promise<Cart> {
  const id = cart ?? (await bagCall("/carts", { method: "POST", data: {} })).id;
  return bagCall(`/carts/${id}/rights`, { method: "POST", data: right });
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
