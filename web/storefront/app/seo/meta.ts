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

/** What is shown where a page has no picture of its own. */
const OF_THE_HOUSE = { url: "/og-default.jpg", width: 1200, height: 630 };
/** Pixels across that those who show a shared page ask for. */
const SHARE_WIDTH = 1200;

/** The rendition that is shared: one that everybody reads, just wide enough. */
function shared(picture: Picture | null | undefined): { url: string; width: number; height: number } {
  const wide = (picture?.renditions ?? [])
    .filter(({ format }) => format === "jpeg" || format === "png")
    .sort((a, b) => a.width - b.width);
  return wide.find(({ width }) => width >= SHARE_WIDTH) ?? wide.at(-1) ?? OF_THE_HOUSE;
}

/** Where even the root's data is missing there is no origin: the path must do. */
const absolute = (path: string, origin: string) => (origin ? new URL(path, origin).href : path);

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
  const image = shared(picture);
  return [
    { title: full },
    { name: "description", content: description },
    canonical === null
      ? { name: "robots", content: "noindex" }
      : { tagName: "link", rel: "canonical", href: absolute(canonical, origin) },
    { property: "og:title", content: full },
    { property: "og:description", content: description },
    { property: "og:type", content: type },
    { property: "og:site_name", content: HOUSE },
    ...(canonical === null ? [] : [{ property: "og:url", content: absolute(canonical, origin) }]),
    { property: "og:image", content: absolute(image.url, origin) },
    { property: "og:image:width", content: String(image.width) },
    { property: "og:image:height", content: String(image.height) },
    { property: "og:image:alt", content: picture?.alt || HOUSE },
    { name: "twitter:card", content: "summary_large_image" },
    ...about.map((thing) => ({ "script:ld+json": { "@context": "https://schema.org", ...thing } }) as MetaDescriptor),
  ];
}

/** The address the shop is known by, from the root's data. */
export function originOf(matches: readonly ({ id: string; loaderData?: unknown } | undefined)[]): string {
  const root = matches.find((match) => match?.id === "root")?.loaderData as { origin?: string } | undefined;
  return root?.origin ?? "";
}

/** The shop's time zone, from the root's data: for what a page's head says about time. */
export function zoneOf(matches: readonly ({ id: string; loaderData?: unknown } | undefined)[]): string {
  const root = matches.find((match) => match?.id === "root")?.loaderData as
    | { shop?: { time_zone?: string } }
    | undefined;
  return root?.shop?.time_zone ?? "UTC";
}

/** What a document the same for everyone says to shared caches; the chosen light is its one variation. */
export const PUBLIC_PAGE = {
  "Cache-Control": "public, max-age=0, s-maxage=60, stale-while-revalidate=600",
  Vary: "Cookie",
};
