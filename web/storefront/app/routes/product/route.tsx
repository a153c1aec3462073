import { api } from "@noirel/shared/api/client";
import { unwrap } from "@noirel/shared/api/problem";
import type { Availability, Product, ProductCard, Variant } from "@noirel/shared/api/types";
import { decimal } from "@noirel/shared/money";
import { Moons } from "@noirel/shared/ui/moons";
import { hourOf } from "@noirel/shared/ui/plate";
import { useState } from "react";
import { Link, redirect } from "react-router";
import { useShop } from "../../layout/shop-context";
import { aheadNow } from "../../parts/ahead";
import { Card } from "../../parts/card";
import { redirectTarget } from "../../parts/list-query";
import { neighboursOf } from "../../parts/neighbours";
import { isSoldSeparately } from "../../parts/purchasable";
import { originOf, PUBLIC_PAGE, pageMeta, zoneOf } from "../../seo/meta";
import { loading } from "../../server/loading.server";
import type { Route } from "./+types/route";
import { Buy } from "./buy";
import { inUrl, useVariantInUrl } from "./choose";
import { curvesOf, notesOf } from "./drydown";
import { Drydown } from "./drydown-chart";
import { readEngraving } from "./engraving";
import { FactValue, factsOf } from "./facts";
import { Gallery } from "./gallery";

export const loader = loading(async ({ params, request }: Route.LoaderArgs) => {
  const product = await unwrap(api.get("/products/{slug}", { path: { slug: params.slug } }));
  // An old address: the API led us on to the one of today, and so do we.
  if (product.slug !== params.slug) throw redirect(redirectTarget(`/p/${product.slug}`, request), 301);
  // The hours before and after it. Without them the page shows what the API relates.
  const beside = hourOf(product.attributes)
    ? await unwrap(api.get("/products", { query: { collection: "hours", limit: 24 } })).then(
        ({ results }) => neighboursOf(product, results),
        () => [],
      )
    : [];
  return { product, beside, served: new Date().toISOString() };
});

export function headers() {
  return PUBLIC_PAGE;
}

/** The size is in the address but changes nothing that the server knows. */
export function shouldRevalidate({
  currentParams,
  nextParams,
}: {
  currentParams: { slug?: string };
  nextParams: { slug?: string };
}) {
  return currentParams.slug !== nextParams.slug;
}

const said = (value: unknown): string => (typeof value === "string" ? value : "");

function structured(product: Product, origin: string, zone: string) {
  const url = `${origin}/p/${product.slug}`;
  const pictures = product.images
    .flatMap(({ renditions }) => renditions.filter(({ format }) => format === "jpeg").slice(-1))
    .map(({ url: at }) => new URL(at, origin).href);
  const shared = {
    name: product.name,
    description: product.seo.description || product.subtitle,
    url,
    brand: { "@type": "Brand", name: product.vendor },
    ...(product.rating.average &&
      product.rating.count > 0 && {
        aggregateRating: {
          "@type": "AggregateRating",
          ratingValue: product.rating.average,
          reviewCount: product.rating.count,
        },
      }),
  };
  const offer = (variant: Variant) => ({
    sku: variant.sku,
    ...(variant.barcode && { gtin: variant.barcode }),
    ...(pictures.length > 0 && { image: pictures }),
    // What is not sold on its own is no offer.
    ...(isSoldSeparately(variant) && {
      offers: {
        "@type": "Offer",
        url: [
          url,
          new URLSearchParams(Object.entries(variant.options).map(([name, value]) => [name, inUrl(value)])).toString(),
        ]
          .filter(Boolean)
          .join("?"),
        price: decimal(variant.price),
        priceCurrency: variant.price.currency,
        ...offered(variant.availability, zone),
      },
    }),
  });
  const [single] = product.variants;
  // What comes in one version is a product; in several, a group of them.
  if (single && product.variants.length === 1) return { "@type": "Product", ...shared, ...offer(single) };
  return {
    "@type": "ProductGroup",
    ...shared,
    productGroupID: product.slug,
    variesBy: product.options.map(({ name }) =>
      ["size", "color", "material", "pattern"].includes(name.replace("colour", "color"))
        ? `https://schema.org/${name.replace("colour", "color")}`
        : name,
    ),
    hasVariant: product.variants.map((variant) => ({
      "@type": "Product",
      name: [product.name, variant.title].filter(Boolean).join(", "),
      ...offer(variant),
    })),
  };
}

function offered(availability: Availability, zone: string) {
  const ahead = aheadNow(availability, zone, Date.now());
  const word = !availability.in_stock
    ? "OutOfStock"
    : ahead
      ? { preorder: "PreOrder", backorder: "BackOrder" }[ahead.policy]
      : "InStock";
  return {
    availability: `https://schema.org/${word}`,
    ...(ahead?.expected_on && { availabilityStarts: ahead.expected_on }),
  };
}

export function meta({ loaderData, matches, params }: Route.MetaArgs) {
  const origin = originOf(matches);
  if (!loaderData) return pageMeta({ title: "Not found", description: "", canonical: null, origin });
  const { product } = loaderData;
  const kind = said(product.attributes.concentration).toLowerCase();
  const trail = [
    top(product),
    ...shelves(product).map(({ name, slug }) => ({ name, path: `/c/${slug}` })),
    { name: product.name, path: `/p/${params.slug}` },
  ];
  return pageMeta({
    title: product.seo.title || [product.name, kind].filter(Boolean).join(", "),
    description: product.seo.description || product.subtitle,
    canonical: product.seo.canonical || `/p/${product.slug}`,
    origin,
    picture: product.seo.image ?? product.images.find(({ view }) => view !== "cutout") ?? product.images[0],
    type: "product",
    about: [
      structured(product, origin, zoneOf(matches)),
      {
        "@type": "BreadcrumbList",
        itemListElement: trail.map(({ name, path }, index) => ({
          "@type": "ListItem",
          position: index + 1,
          name,
          item: `${origin}${path}`,
        })),
      },
    ],
  });
}

const top = (product: Product) =>
  hourOf(product.attributes) || product.breadcrumbs.some(({ slug }) => slug === "perfumes")
    ? { name: "Perfumes", path: "/perfumes" }
    : { name: "Everything", path: "/collections/all" };

/** The shelf above it; the first crumb is the house's own list, whatever its category is called. */
const shelves = (product: Product) =>
  product.breadcrumbs.filter(({ slug }) => slug !== "perfumes" && slug !== product.slug);

/** The longer a name, the smaller it is set: the price must not leave the first view. */
function sizeOf(name: string): string {
  if (name.length > 40) return "text-2xl";
  if (name.length > 24) return "text-3xl";
  return name.length > 12 ? "text-4xl" : "text-5xl font-extralight";
}

export default function ProductPage({ loaderData: { product, beside, served } }: Route.ComponentProps) {
  // Another product is another page, even where the router keeps this one: nothing typed is carried over.
  return <Page key={product.slug} product={product} beside={beside} served={served} />;
}

function Page({ product, beside, served }: { product: Product; beside: ProductCard[]; served: string }) {
  const shop = useShop();
  const [variant, choose] = useVariantInUrl(product);
  const [engraving, setEngraving] = useState("");
  const hour = hourOf(product.attributes);
  const pictures = product.images.filter(({ view }) => view !== "cutout");
  const notes = notesOf(product.attributes.notes);
  const drydown = product.attributes.drydown as { text?: unknown } | undefined;
  const curves = curvesOf(drydown);
  const line = said(product.attributes.line) || said(product.attributes.sentence) || product.subtitle;
  const list = factsOf(product);
  const near = beside.length > 0 ? beside : product.related.slice(0, 2);
  const ingredients = said(product.attributes.ingredients);

  return (
    <>
      <article className="wrap grid items-start gap-x-gap pb-section max-desk:block desk:grid-cols-12">
        <div className="desk:col-span-8 max-desk:-mx-gutter">
          <Gallery
            name={product.name}
            pictures={pictures}
            attributes={product.attributes}
            soldOut={!product.in_stock}
            engraving={readEngraving(engraving, shop.engraving).cut}
            shown={variant?.image ?? null}
          />
        </div>
        <div className="pt-4 desk:sticky desk:top-4 desk:col-span-4 desk:ps-[clamp(1rem,2.5vw,2.75rem)] desk:pt-2">
          <nav aria-label="Breadcrumb" className="max-desk:hidden">
            <ol className="flex flex-wrap gap-2.5 text-sm text-ink-3">
              <li>
                <Link to={top(product).path} className="link-quiet">
                  {top(product).name}
                </Link>
              </li>
              {shelves(product).map(({ name, slug }) => (
                <li key={slug} className="before:me-2.5 before:content-['/']">
                  <Link to={`/c/${slug}`} className="link-quiet">
                    {name}
                  </Link>
                </li>
              ))}
              <li aria-current="page" className="max-w-full truncate before:me-2.5 before:content-['/']">
                {product.name}
              </li>
            </ol>
          </nav>
          <h1 className={`display mt-3.5 mb-3 -ms-[0.03em] break-words desk:mt-5.5 ${sizeOf(product.name)}`}>
            {product.name}
          </h1>
          {(line || hour) && (
            <p className="max-w-96 text-lg text-ink-2">
              {hour && <bdi className="numerals">{hour}. </bdi>}
              {line}
            </p>
          )}
          <div className="mt-4 empty:hidden">
            <Moons rating={product.rating} />
          </div>
          <Buy
            product={product}
            served={served}
            chosen={variant}
            choose={choose}
            engraving={engraving}
            onEngrave={setEngraving}
          />
          <p className="mt-4 text-sm leading-[1.55] text-ink-2">
            {/* What is not here yet says its own day, and what is gone has none: the summary's is that of the shelf. */}
            {variant?.availability.in_stock && !aheadNow(variant.availability, shop.time_zone, Date.parse(served)) && (
              <b className="font-medium text-ink">{shop.shipping_summary} </b>
            )}
            Tax included.
            {shop.samples.items.length > 0 &&
              ` ${shop.samples.max === 2 ? "Two samples" : "Samples"} of your choosing in every order.`}{" "}
            Returns within {shop.returns_days} days if {hour ? "the flacon is sealed" : "it is unused"}.{" "}
            <Link to="/returns-policy" className="underline underline-offset-3">
              Delivery and returns
            </Link>
          </p>
        </div>
      </article>

      {(curves.length > 0 || notes) && (
        <Drydown name={product.name} text={said(drydown?.text)} curves={curves} notes={notes} />
      )}

      {(product.story || list.length > 0) && (
        <section
          className="wrap grid items-start gap-x-gap gap-y-10 pb-section desk:grid-cols-12"
          aria-labelledby="story"
        >
          <h2 id="story" className="display text-3xl desk:col-span-4">
            {hour ? "What it remembers" : "About it"}
          </h2>
          {product.story && (
            <div
              className="story max-w-prose text-ink-2 desk:col-span-4"
              // biome-ignore lint/security/noDangerouslySetInnerHtml: the API sanitises it where it is written.
              dangerouslySetInnerHTML={{ __html: product.story }}
            />
          )}
          {list.length > 0 && (
            <dl className="border-t border-line text-[0.9375rem] desk:col-span-4 desk:col-start-9 desk:ms-[clamp(1rem,2.5vw,2.75rem)]">
              {list.map(({ label, value }) => (
                <div key={label} className="flex justify-between gap-6 border-b border-line py-3">
                  <dt className="text-ink-3">{label}</dt>
                  <dd className="min-w-0 text-end break-words">
                    <FactValue fact={value} />
                  </dd>
                </div>
              ))}
            </dl>
          )}
          {ingredients && (
            <details className="group border-y border-line desk:col-span-8 desk:col-start-5">
              <summary className="flex min-h-14 items-center justify-between">Ingredients</summary>
              <p className="max-w-prose pb-5 text-sm text-ink-2">{ingredients}</p>
            </details>
          )}
        </section>
      )}

      {near.length > 0 && (
        <section className="wrap grid gap-x-gap gap-y-8 desk:grid-cols-12" aria-labelledby="related">
          <h2 id="related" className="display text-3xl desk:col-span-4">
            {beside.length > 0 ? "The hours beside it" : "Beside it"}
          </h2>
          <ul className="cards desk:col-span-8">
            {near.map((other) => (
              <li key={other.slug}>
                <Card product={other} sizes="(min-width: 820px) 31vw, 45vw" />
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}
