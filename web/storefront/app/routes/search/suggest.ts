import { api } from "@noirel/shared/api/client";
import { unwrap } from "@noirel/shared/api/problem";
import type { Suggestions } from "@noirel/shared/api/types";
import { searchTerm } from "../../parts/list-query";
import type { Route } from "./+types/suggest";
import { type HelpTopic, helpFor } from "./help";

const NONE: Suggestions = { products: [], categories: [], queries: [] };

/** What might be meant by what is typed so far. Suggesting is a courtesy: when it fails, nothing is suggested. */
export async function loader({ request }: Route.LoaderArgs): Promise<Suggestions & { help: HelpTopic[] }> {
  const q = searchTerm(request);
  if (q.length < 2) return { ...NONE, help: [] };
  const suggestions = await unwrap(api.get("/search/suggest", { query: { q } })).catch(() => NONE);
  return { ...suggestions, help: helpFor(q) };
}
