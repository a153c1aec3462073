import { api } from "@noirel/shared/api/client";
import { unwrap } from "@noirel/shared/api/problem";
import type { Suggestions } from "@noirel/shared/api/types";
import { searchedFor } from "../../parts/asked";
import type { Route } from "./+types/suggest";

const NONE: Suggestions = { products: [], categories: [], queries: [] };

/** What might be meant by what is typed so far. Suggesting is a courtesy: when it fails, nothing is suggested. */
export async function loader({ request }: Route.LoaderArgs) {
  const q = searchedFor(request);
  return q.length < 2 ? NONE : unwrap(api.get("/search/suggest", { query: { q } })).catch(() => NONE);
}
