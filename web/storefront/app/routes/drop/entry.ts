import { isProblem } from "@noirel/shared/api/problem";
import type { Entry } from "@noirel/shared/api/types";
import { onSignedIn, personal } from "../../session/session";
import { forgetKey, readKey } from "./entry-key";

/** Somebody's own entry, by the key this browser keeps or by their account; null when there is none. */
export async function readEntry(slug: string): Promise<Entry | null> {
  const key = readKey(slug);
  const session = await onSignedIn().catch(() => null);
  if (!key && !session) return null;
  const { send } = await personal();
  try {
    return key
      ? await send<Entry>({ url: `/drops/${slug}/entries/${key.entry}`, params: { token: key.token } })
      : await send<Entry>({ url: `/drops/${slug}/entry` });
  } catch (error) {
    if (!isProblem(error)) throw error;
    if (error.status === 404 && key) forgetKey(slug);
    return null;
  }
}

/** Enters; null: a mail is on its way. Rejects with a Problem. */
export async function enterDrop(slug: string, email: string): Promise<Entry | null> {
  const { send } = await personal();
  const { entry } = await send<{ entry: Entry | null }>({
    method: "POST",
    url: `/drops/${slug}/entries`,
    data: email ? { email } : {},
  });
  return entry;
}

export async function confirmEntry(slug: string, { id, token }: Entry): Promise<Entry> {
  const { send } = await personal();
  return send<Entry>({ method: "POST", url: `/drops/${slug}/entries/${id}/confirm`, data: { token } });
}
