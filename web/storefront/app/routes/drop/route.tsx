import { api } from "@noirel/shared/api/client";
import { unwrap } from "@noirel/shared/api/problem";
import type { Drop } from "@noirel/shared/api/types";
import { formatMoney } from "@noirel/shared/money";
import { buttonClass } from "@noirel/shared/ui/button";
import { hourOf, Plate } from "@noirel/shared/ui/plate";
import { data, Link } from "react-router";
import { type DropPhase, dateOf, dropPhase, durationText, momentOf, timeUntil, useNow } from "../../parts/moment";
import { useZones } from "../../parts/zones";
import { originOf, pageMeta, zoneOf } from "../../seo/meta";
import { loading } from "../../server/loading.server";
import type { Route } from "./+types/route";
import { readEntry } from "./entry";
import { keyInQuery } from "./entry-key";
import { answerForm, entryOfCookie, keepAndReturn, PRIVATE } from "./plain.server";
import { Proof } from "./proof";
import { TakingPart } from "./taking-part";

// A launch changes at its minute: shared caches keep the page for seconds.
const SHARED = { "Cache-Control": "public, max-age=0, s-maxage=5, stale-while-revalidate=10" };

export const loader = loading(async ({ params: { slug }, request }: Route.LoaderArgs) => {
  const linked = keyInQuery(new URL(request.url).searchParams);
  if (linked) throw keepAndReturn(slug, linked);
  const drop = await unwrap(api.get("/drops/{slug}", { path: { slug } }));
  const entry = drop.lottery ? await entryOfCookie(slug, request) : null;
  return data(
    { drop, served: new Date().toISOString(), entry, formKey: crypto.randomUUID() },
    { headers: entry ? PRIVATE : SHARED },
  );
});

/** The same page for everyone, and then, in the browser, what is one's own of it. */
export async function clientLoader({ params, serverLoader }: Route.ClientLoaderArgs) {
  const shared = await serverLoader();
  return shared.drop.lottery ? { ...shared, entry: await readEntry(params.slug) } : shared;
}
clientLoader.hydrate = true as const;

/** Enters, confirms and claims by plain forms; with JavaScript the page does it itself. */
export const action = ({ params, request }: Route.ActionArgs) => answerForm(params.slug, request);

export const headers = ({ loaderHeaders, actionHeaders }: Route.HeadersArgs) => ({
  "Cache-Control": actionHeaders.get("Cache-Control") ?? loaderHeaders.get("Cache-Control") ?? "no-store",
  Vary: "Cookie",
  "Referrer-Policy": "strict-origin",
});

export function meta({ loaderData, matches, params }: Route.MetaArgs) {
  const origin = originOf(matches);
  if (!loaderData) return pageMeta({ title: "Not found", description: "", canonical: null, origin });
  const { drop } = loaderData;
  return pageMeta({
    title: drop.name,
    description: drop.words.split("\n")[0] || `${drop.name}, from ${dateOf(drop.opens_at, { shop: zoneOf(matches) })}.`,
    canonical: `/drops/${params.slug}`,
    origin,
    picture: drop.variants[0]?.image,
  });
}

export default function DropPage({ loaderData: { drop, served, entry, formKey }, actionData }: Route.ComponentProps) {
  const now = useNow(served, drop.opens_at, drop.closes_at, entry?.claim_by);
  const phase = drop.status === "announced" ? dropPhase(drop, now) : "over";
  const [first] = drop.variants;
  const attributes = first?.product.attributes ?? {};
  const hour = hourOf(attributes);
  const { lottery } = drop;
  return (
    <>
      <article className="wrap grid items-start gap-x-gap pb-section max-desk:block desk:grid-cols-12">
        <div className="desk:col-span-7 max-desk:-mx-gutter">
          <Plate
            picture={first?.image}
            attributes={attributes}
            sizes="(min-width: 820px) 56vw, 100vw"
            first
            className="aspect-[1/1.06] desk:aspect-auto desk:h-[min(50rem,max(calc(100svh-6.6rem),30rem))]"
          >
            {hour && (
              <bdi
                aria-hidden="true"
                className="absolute start-5 top-4.5 font-display text-2xl leading-none font-light"
              >
                {hour}
              </bdi>
            )}
          </Plate>
        </div>
        <div className="pt-8 desk:col-span-5 desk:ps-[clamp(1rem,2.5vw,2.75rem)] desk:pt-2">
          <p className="text-sm text-ink-3">{lottery ? "A launch, drawn by lot" : "A launch"}</p>
          <h1
            className={`display mt-3 -ms-[0.03em] break-words ${drop.name.length > 12 ? "text-4xl" : "text-5xl font-extralight"}`}
          >
            {drop.name}
          </h1>
          {drop.words && (
            <div className="mt-5 grid max-w-prose gap-3 text-lg text-ink-2">
              {drop.words.split(/\n{2,}/).map((paragraph) => (
                <p key={paragraph}>{paragraph}</p>
              ))}
            </div>
          )}
          {drop.postponed && <Postponed drop={drop} postponed={drop.postponed} />}
          <Terms drop={drop} />
          {lottery ? (
            <TakingPart
              key={`${entry?.id}${entry?.state}`}
              drop={drop}
              lottery={lottery}
              entry={entry}
              standing={phase}
              now={now}
              formKey={formKey}
              refused={actionData ?? null}
            />
          ) : (
            <Buying drop={drop} standing={phase} now={now} />
          )}
        </div>
      </article>
      {lottery && <Proof drop={drop} lottery={lottery} entry={entry} />}
    </>
  );
}

/** What was announced first, and why it is another time now. */
function Postponed({ drop, postponed }: { drop: Drop; postponed: NonNullable<Drop["postponed"]> }) {
  const zones = useZones();
  const moved = postponed.announced_opens_at !== drop.opens_at;
  const [what, from] = moved
    ? [drop.lottery ? "Entries were to open" : "It was to open", postponed.announced_opens_at]
    : [drop.lottery ? "Entries were to close" : "It was to close", postponed.announced_closes_at];
  return (
    <div className="mt-6 border-s-2 border-warning bg-raised px-5 py-4 text-[0.9375rem]">
      <p>
        <b className="font-medium">Postponed.</b> {from && `${what} on ${dateOf(from, zones)}.`}
      </p>
      {postponed.reason && <p className="mt-2 text-ink-2">{postponed.reason}</p>}
    </div>
  );
}

function Terms({ drop }: { drop: Drop }) {
  const zones = useZones();
  const { lottery } = drop;
  const rows: [string, string][] = [
    [lottery ? "Entries open" : "Opens", momentOf(drop.opens_at, zones)],
    ...(drop.closes_at
      ? [[lottery ? "Entries close" : "Closes", momentOf(drop.closes_at, zones)] as [string, string]]
      : []),
    ...(lottery ? [["Flacons set aside", `${lottery.units}`] as [string, string]] : []),
    ["For each person", `${drop.per_person}`],
    ["For each delivery address", `${drop.per_address}`],
    [
      "Held for you",
      lottery ? `${durationText(lottery.claim_seconds)} to buy` : `${durationText(drop.hold_seconds)} to pay`,
    ],
  ];
  return (
    <dl className="mt-7 mb-6 border-t border-line text-[0.9375rem]">
      {rows.map(([term, value]) => (
        <div key={term} className="flex justify-between gap-6 border-b border-line py-3">
          <dt className="text-ink-3">{term}</dt>
          <dd className="numerals text-end">{value}</dd>
        </div>
      ))}
      {drop.variants.map(({ sku, product, title, price }) => (
        <div key={sku} className="flex justify-between gap-6 border-b border-line py-3">
          <dt>
            <Link to={`/p/${product.slug}`} className="link-quiet">
              {[product.name, title].filter(Boolean).join(", ")}
            </Link>
          </dt>
          <dd className="numerals text-end">{formatMoney(price)}</dd>
        </div>
      ))}
    </dl>
  );
}

/** First come: nothing is done here but told, and the way to the flacon shown once it opens. */
function Buying({ drop, standing, now }: { drop: Drop; standing: DropPhase; now: number }) {
  const left = drop.variants.filter(({ in_stock }) => in_stock);
  if (standing === "before") {
    return (
      <p role="timer" aria-live="off" className="display text-2xl">
        Opens {timeUntil(drop.opens_at, now)}.
      </p>
    );
  }
  if (standing === "over" || left.length === 0) {
    return (
      <p className="display text-2xl">
        {drop.status === "ended" || standing === "over" ? "It has closed." : "All of it is gone."}
      </p>
    );
  }
  const [only] = left;
  return (
    <div className="grid gap-4">
      {only && (
        <Link to={`/p/${only.product.slug}`} className={`${buttonClass()} w-full`}>
          {left.length === 1 ? `Choose ${only.product.name}` : "Choose yours"}
        </Link>
      )}
      {drop.closes_at && <p className="text-sm text-ink-2">Closes {timeUntil(drop.closes_at, now)}.</p>}
    </div>
  );
}
