import { api } from "@noirel/shared/api/client";
import { unwrap } from "@noirel/shared/api/problem";
import type { Suggestions } from "@noirel/shared/api/types";
import { searchedFor } from "../../parts/asked";
import type { Route } from "./+types/suggest";
import { type HelpTopic, helpFor } from "./help";

const NONE: Suggestions = { products: [], categories: [], queries: [] };

/** What might be meant by what is typed so far. Suggesting is a courtesy: when it fails, nothing is suggested. */
export async function loader({ request }: Route.LoaderArgs): Promise<Suggestions & { help: HelpTopic[] }> {
  const q = searchedFor(request);
  if (q.length < 2) return { ...NONE, help: [] };
  const found = await unwrap(api.get("/search/suggest", { query: { q } })).catch(() => NONE);
  return { ...found, help: helpFor(q) };
}
