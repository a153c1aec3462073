import { api } from "@noirel/shared/api/client";
import { unwrap } from "@noirel/shared/api/problem";
import type { Category } from "@noirel/shared/api/types";
import type { Route } from "./+types/sitemap";

const PAGE = 100;

/** Every page that may be found: read through the API's own lists, a page of products at a time. */
export async function loader({ request }: Route.LoaderArgs) {
  const origin = process.env.PUBLIC_URL ?? new URL(request.url).origin;
  const paths = ["/", "/perfumes", "/house", "/help", "/returns-policy", "/privacy"];
  const walk = (category: Category) => {
    paths.push(`/c/${category.slug}`);
    category.children.forEach(walk);
  };
  (await unwrap(api.get("/categories"))).results.forEach(walk);
  let cursor: string | null = null;
  do {
    const page: { results: { slug: string }[]; next: string | null } = await unwrap(
      api.get("/products", { query: { limit: PAGE, cursor } }),
    );
    paths.push(...page.results.map(({ slug }) => `/p/${slug}`));
    cursor = page.next;
  } while (cursor);
  const entries = paths.map((path) => `<url><loc>${origin}${encodeURI(path)}</loc></url>`).join("");
  return new Response(
    `<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">${entries}</urlset>`,
    {
      headers: { "Content-Type": "application/xml; charset=utf-8", "Cache-Control": "public, s-maxage=3600" },
    },
  );
}
