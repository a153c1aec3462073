import type { Route } from "./+types/robots";

export function loader({ request }: Route.LoaderArgs) {
  const origin = process.env.PUBLIC_URL ?? new URL(request.url).origin;
  const closed = ["/bag", "/checkout", "/orders", "/account", "/login", "/register", "/search", "/admin", "/api/"];
  const text = [
    "User-agent: *",
    ...closed.map((path) => `Disallow: ${path}`),
    "",
    `Sitemap: ${origin}/sitemap.xml`,
    "",
  ].join("\n");
  return new Response(text, {
    headers: { "Content-Type": "text/plain; charset=utf-8", "Cache-Control": "public, s-maxage=3600" },
  });
}
