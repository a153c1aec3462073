import { api } from "@noirel/shared/api/client";
import { unwrap } from "@noirel/shared/api/problem";
import { Empty } from "@noirel/shared/ui/empty";
import { Link } from "react-router";
import { DropRow } from "../../parts/drop-row";
import { dropPhase, useNow } from "../../parts/moment";
import { originOf, pageMeta } from "../../seo/meta";
import { loading } from "../../server/loading.server";
import type { Route } from "./+types/route";

export const loader = loading(async () => {
  const { results } = await unwrap(api.get("/drops"));
  return { drops: results, served: new Date().toISOString() };
});

// A launch changes at its minute: shared caches keep the page for seconds.
export const headers = () => ({
  "Cache-Control": "public, max-age=0, s-maxage=5, stale-while-revalidate=10",
  Vary: "Cookie",
});

export function meta({ matches }: Route.MetaArgs) {
  return pageMeta({
    title: "Launches",
    description: "What is sold at its own hour: when it opens, how much one person may have, and how it is drawn.",
    canonical: "/drops",
    origin: originOf(matches),
  });
}

export default function DropsPage({ loaderData: { drops, served } }: Route.ComponentProps) {
  const now = useNow(served, ...drops.flatMap(({ opens_at, closes_at }) => [opens_at, closes_at]));
  const isOver = (drop: (typeof drops)[number]) => drop.status !== "announced" || dropPhase(drop, now) === "over";
  const coming = drops.filter((drop) => !isOver(drop)).sort((a, b) => a.opens_at.localeCompare(b.opens_at));
  const over = drops.filter(isOver);
  return (
    <div className="wrap pt-6 desk:pt-12">
      <h1 className="display text-4xl">Launches</h1>
      <p className="mt-4 max-w-[34em] text-lg text-ink-2">
        Some flacons are few. They are sold at an hour that is announced, or drawn by lot, so that everybody has the
        same chance.
      </p>
      {coming.length > 0 ? (
        <section aria-labelledby="coming" className="mt-10">
          <h2 id="coming" className="text-sm text-ink-3">
            Open and announced
          </h2>
          <ul className="mt-3 border-t border-line">
            {coming.map((drop) => (
              <DropRow key={drop.slug} drop={drop} now={now} />
            ))}
          </ul>
        </section>
      ) : (
        <Empty title="No launch is announced at the moment." as="h2">
          <Link to="/perfumes" className="link">
            See the perfumes
          </Link>
        </Empty>
      )}
      {over.length > 0 && (
        <section aria-labelledby="over" className="mt-14">
          <h2 id="over" className="text-sm text-ink-3">
            Over
          </h2>
          <ul className="mt-3 border-t border-line">
            {over.map((drop) => (
              <DropRow key={drop.slug} drop={drop} now={now} />
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}
