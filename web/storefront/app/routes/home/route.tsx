import { api } from "@noirel/shared/api/client";
import { unwrap } from "@noirel/shared/api/problem";
import type { Drop } from "@noirel/shared/api/types";
import { formatMoney } from "@noirel/shared/money";
import { Picture } from "@noirel/shared/ui/picture";
import { hourOf } from "@noirel/shared/ui/plate";
import { Link } from "react-router";
import type { PageHandle } from "../../layout/header";
import { Card } from "../../parts/card";
import { hoursOf, sinceNoon } from "../../parts/dial";
import { DropRow } from "../../parts/drop-row";
import { lightOf } from "../../parts/light";
import { dropPhase, useNow } from "../../parts/moment";
import { tonight } from "../../parts/tonight";
import { originOf, PUBLIC_PAGE, pageMeta } from "../../seo/meta";
import { loading } from "../../server/loading.server";
import type { Route } from "./+types/route";
import { Cover } from "./cover";

export const loader = loading(async ({ request }: Route.LoaderArgs) => {
  const requestedHour = new URL(request.url).searchParams.get("hour");
  const [{ results, facets }, discovery, { time_zone }, drops] = await Promise.all([
    unwrap(api.get("/products", { query: { collection: "hours", limit: 24 } })),
    unwrap(api.get("/products/{slug}", { path: { slug: "discovery-set" } })).catch(() => null),
    unwrap(api.get("/shop")),
    unwrap(api.get("/drops")).then(
      ({ results }) => results,
      () => [],
    ),
  ]);
  const products = results
    .filter(({ attributes }) => hourOf(attributes))
    .sort((a, b) => sinceNoon(hourOf(a.attributes) ?? "") - sinceNoon(hourOf(b.attributes) ?? ""));
  const at = (hour: string | null) => products.find(({ attributes }) => hourOf(attributes) === hour);
  const chosen =
    at(requestedHour) ??
    at(
      tonight(
        products.map(({ attributes }) => hourOf(attributes) ?? ""),
        Date.now(),
        time_zone,
      ),
    ) ??
    products.find(({ badges }) => badges.includes("best_seller")) ??
    products[0] ??
    null;
  const whole = chosen && (await unwrap(api.get("/products/{slug}", { path: { slug: chosen.slug } })));
  return {
    products,
    /** Announced drops that are not over, the next first; with the time the page was made. */
    drops: drops
      .filter((drop) => drop.status === "announced" && dropPhase(drop, Date.now()) !== "over")
      .sort((a, b) => a.opens_at.localeCompare(b.opens_at))
      .slice(0, 3),
    served: new Date().toISOString(),
    families: facets.find(({ name }) => name === "family")?.values ?? [],
    cover: chosen &&
      whole && {
        product: chosen,
        cutout: whole.images.find(({ view }) => view === "cutout") ?? null,
        line: typeof whole.attributes.line === "string" ? whole.attributes.line : whole.subtitle,
      },
    discovery: discovery && {
      name: discovery.name,
      subtitle: discovery.subtitle,
      price: discovery.price_range.min,
      picture: discovery.images[0] ?? null,
    },
  };
});

export function headers() {
  return PUBLIC_PAGE;
}

export const handle: PageHandle = {
  under: (data) => {
    const cover = (data as Route.ComponentProps["loaderData"] | undefined)?.cover;
    return cover ? lightOf(cover.product.attributes) : null;
  },
};

export function meta({ loaderData, matches }: Route.MetaArgs) {
  const origin = originOf(matches);
  return pageMeta({
    title: "",
    description:
      "Eight perfumes, one for each hour between dusk and first light. Composed in small batches, aged ten weeks, sent from Bengaluru.",
    canonical: "/",
    origin,
    picture: loaderData?.cover?.product.images[0],
    about: [
      {
        "@type": "OnlineStore",
        name: "NOIR'EL",
        url: `${origin}/`,
        hasMerchantReturnPolicy: {
          "@type": "MerchantReturnPolicy",
          applicableCountry: "IN",
          merchantReturnDays: 14,
          merchantReturnLink: `${origin}/returns-policy`,
          returnPolicyCategory: "https://schema.org/MerchantReturnFiniteReturnWindow",
        },
      },
      {
        "@type": "WebSite",
        name: "NOIR'EL",
        url: `${origin}/`,
        potentialAction: {
          "@type": "SearchAction",
          target: `${origin}/search?q={q}`,
          "query-input": "required name=q",
        },
      },
    ],
  });
}

export default function Home({
  loaderData: { products, families, cover, discovery, drops, served },
}: Route.ComponentProps) {
  const hours = hoursOf(products);
  const teaser = products.find(({ slug }) => slug === "cendre") ?? products.at(-2);
  const still = teaser?.images[1] ?? teaser?.images[0];
  return (
    <>
      {cover && <Cover key={cover.product.slug} {...cover} hours={hours} />}

      <section className="wrap grid items-end gap-x-gap gap-y-7 pt-section pb-[calc(var(--spacing-section)*0.62)] desk:grid-cols-12">
        <h2 className="display text-4xl desk:col-span-8">
          Eight perfumes, one for each hour between dusk and first light.
        </h2>
        <div className="max-w-88 text-ink-2 desk:col-span-3 desk:col-start-10">
          <p>Composed in small batches, aged ten weeks in the dark, filled by hand. Begin anywhere in the night.</p>
          <Link to="/perfumes" className="link mt-4 inline-block text-ink">
            Find your hour
          </Link>
        </div>
      </section>

      {drops.length > 0 && <Launches drops={drops} served={served} />}

      <section className="wrap" aria-label="The hours">
        <ul className="cards desk:grid-cols-4 desk:gap-y-[calc(var(--spacing-gap)*1.9)]">
          {products.map((product, index) => {
            const large = index === 2 && products.length > 4;
            return (
              <li
                key={product.slug}
                className={
                  large
                    ? "max-desk:col-span-full desk:col-span-2 desk:col-start-3 desk:row-span-2 desk:row-start-1"
                    : ""
                }
              >
                <Card
                  product={product}
                  large={large}
                  sizes={large ? "(min-width: 820px) 47vw, 90vw" : "(min-width: 820px) 23vw, 45vw"}
                />
              </li>
            );
          })}
          {families.length > 0 && (
            <li className="flex flex-col justify-end desk:aspect-4/5">
              <h3 className="display text-xl desk:text-2xl">Or begin with what stays.</h3>
              <ul className="mt-4 flex flex-wrap gap-x-5 gap-y-1 text-[0.9375rem] text-ink-2">
                {families.map(({ value, label }) => (
                  <li key={value}>
                    <Link
                      to={`/perfumes?family=${encodeURIComponent(value)}`}
                      className="inline-flex min-h-9 items-center max-desk:min-h-11"
                    >
                      <span className="link text-ink">{label}</span>
                    </Link>
                  </li>
                ))}
              </ul>
            </li>
          )}
        </ul>
      </section>

      {discovery && (
        <section data-theme="noir" className="mt-section bg-sunk text-ink">
          <div className="mx-auto grid max-w-page items-stretch desk:grid-cols-12">
            <div className="relative aspect-4/5 overflow-hidden desk:col-span-6 desk:aspect-auto desk:min-h-[44rem]">
              {discovery.picture && (
                <Picture
                  picture={discovery.picture}
                  sizes="(min-width: 820px) 50vw, 100vw"
                  className="absolute inset-0 size-full object-cover"
                />
              )}
            </div>
            <div className="flex flex-col items-start justify-end gap-6 px-gutter py-14 desk:col-span-5 desk:col-start-8 desk:py-20 desk:ps-0">
              <h2 className="display text-4xl">The whole night, two millilitres at a time.</h2>
              <p className="max-w-100 text-lg text-ink-2">
                Eight vials in the order of the hours. Wear one an evening, and let the skin decide.
              </p>
              <p className="flex flex-wrap items-baseline gap-x-8 gap-y-2">
                <span className="numerals">{formatMoney(discovery.price)}</span>
                <Link to="/p/discovery-set" className="link">
                  Open the discovery set
                </Link>
              </p>
            </div>
          </div>
        </section>
      )}

      <section
        className="wrap grid items-end gap-x-gap gap-y-8 pt-section desk:grid-cols-12"
        aria-labelledby="journal-teaser"
      >
        {still && (
          <div className="relative aspect-3/2 overflow-hidden bg-plate desk:col-span-7">
            <Picture
              picture={still}
              sizes="(min-width: 820px) 56vw, 90vw"
              className="absolute inset-0 size-full object-cover"
            />
          </div>
        )}
        <div className="grid justify-items-start gap-5 desk:col-span-4 desk:col-start-9">
          <p className="text-sm text-ink-3">Journal</p>
          <h2 id="journal-teaser" className="display text-3xl">
            Ten weeks in the dark
          </h2>
          <p className="max-w-88 text-ink-2">Why a perfume that is ready in March is not sold before June.</p>
          <Link to="/journal" className="link">
            Read the piece
          </Link>
        </div>
      </section>
    </>
  );
}

/** What is about to be sold at its own hour. */
function Launches({ drops, served }: { drops: Drop[]; served: string }) {
  const now = useNow(served, ...drops.flatMap(({ opens_at, closes_at }) => [opens_at, closes_at]));
  return (
    <section className="wrap pb-[calc(var(--spacing-section)*0.62)]" aria-labelledby="launches">
      <div className="flex flex-wrap items-baseline justify-between gap-x-8 gap-y-2">
        <h2 id="launches" className="display text-3xl">
          {drops.length === 1 ? "A launch" : "Launches"}
        </h2>
        <Link to="/drops" className="link text-sm">
          All launches
        </Link>
      </div>
      <ul className="mt-4 border-t border-line">
        {drops.map((drop) => (
          <DropRow key={drop.slug} drop={drop} now={now} />
        ))}
      </ul>
    </section>
  );
}
