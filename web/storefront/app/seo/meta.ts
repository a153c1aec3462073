import type { Picture } from "@noirel/shared/api/types";
import type { MetaDescriptor } from "react-router";

type PageMeta = {
  /** Without the house's name, which is added. */
  title: string;
  description: string;
  /** Path of the page that speaks for this one; null where none should be found. */
  canonical: string | null;
  origin: string;
  picture?: Picture | null | undefined;
  /** Structured data, made from what the page shows. */
  about?: Record<string, unknown>[];
  type?: "website" | "product" | "article";
};

const HOUSE = "NOIR’EL";

/** The head of a page: unique title, description, canonical, Open Graph, JSON-LD. */
export function pageMeta({
  title,
  description,
  canonical,
  origin,
  picture,
  about = [],
  type = "website",
}: PageMeta): MetaDescriptor[] {
  const full = title ? `${title} · ${HOUSE}` : `${HOUSE}: perfumes for the hours of the night`;
  const image = picture?.renditions
    .filter(({ format }) => format === "jpeg" || format === "png" || format === "webp")
    .sort((a, b) => b.width - a.width)[0];
  return [
    { title: full },
    { name: "description", content: description },
    canonical === null
      ? { name: "robots", content: "noindex" }
      : { tagName: "link", rel: "canonical", href: `${origin}${canonical}` },
    { property: "og:title", content: full },
    { property: "og:description", content: description },
    { property: "og:type", content: type },
    { property: "og:site_name", content: HOUSE },
    ...(canonical === null ? [] : [{ property: "og:url", content: `${origin}${canonical}` }]),
    ...(image ? [{ property: "og:image", content: new URL(image.url, origin).href }] : []),
    ...about.map((thing) => ({ "script:ld+json": { "@context": "https://schema.org", ...thing } }) as MetaDescriptor),
  ];
}

/** The address the shop is known by, from the root's data. */
export function originOf(matches: readonly ({ id: string; loaderData?: unknown } | undefined)[]): string {
  const root = matches.find((match) => match?.id === "root")?.loaderData as { origin?: string } | undefined;
  return root?.origin ?? "";
}

/** What a document the same for everyone says to shared caches; the chosen light is its one variation. */
export const PUBLIC_PAGE = {
  "Cache-Control": "public, max-age=0, s-maxage=60, stale-while-revalidate=600",
  Vary: "Cookie",
};
