import type { Rating } from "../api/types";

/** A rating in five moons; the words beside it are what is read. */
export function Moons({ rating }: { rating: Rating }) {
  const average = Number(rating.average);
  if (!rating.average || rating.count === 0) return null;
  return (
    <p className="flex items-center gap-2.5 text-sm text-ink-2">
      <svg width="76" height="12" viewBox="0 0 76 12" className="fill-brass stroke-brass" aria-hidden="true">
        {[0, 1, 2, 3, 4].map((moon) => {
          const lit = Math.round((average - moon) * 2) / 2;
          const x = 6 + 16 * moon;
          if (lit >= 1) return <circle key={moon} cx={x} cy="6" r="5" stroke="none" />;
          return (
            <g key={moon}>
              <circle cx={x} cy="6" r="4.5" fill="none" />
              {lit === 0.5 && <path d={`M${x} 1.5a4.5 4.5 0 0 0 0 9z`} stroke="none" />}
            </g>
          );
        })}
      </svg>
      <span>
        <b className="numerals font-medium text-ink">{average.toFixed(1)}</b>
        <span className="sr-only"> of 5 moons</span> from {rating.count.toLocaleString("en-IN")} verified{" "}
        {rating.count === 1 ? "wearer" : "wearers"}
      </span>
    </p>
  );
}
