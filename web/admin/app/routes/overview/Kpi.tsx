import { Link } from "react-router";
import { change } from "./range";

export function Kpi({
  name,
  to,
  shown,
  value,
  previous,
  against,
  trend,
  lessIsGood = false,
}: {
  name: string;
  /** The list that the figure is made of; null for who may not open it. */
  to: string | null;
  shown: string;
  value: number;
  previous: number;
  against: string;
  trend?: number[];
  lessIsGood?: boolean;
}) {
  const moved = change(value, previous);
  const good = value >= previous !== lessIsGood;
  return (
    <div className="relative border-line px-4 py-3.5 max-desk:border-b desk:border-e desk:last:border-e-0">
      <dt className="text-ink-2">{name}</dt>
      <dd className="mt-0.5 text-[1.375rem] font-medium tracking-[-0.015em]">
        {to ? (
          <Link to={to} className="after:absolute after:inset-0">
            {shown}
          </Link>
        ) : (
          shown
        )}
      </dd>
      <dd className="text-xs text-ink-2">
        {moved ? (
          <span className={value === previous ? "" : good ? "text-success" : "text-danger"}>{moved} </span>
        ) : null}
        {moved ? against : "No earlier period to compare"}
      </dd>
      {trend?.some((point) => point > 0) ? <Sparkline points={trend} /> : null}
    </div>
  );
}

function Sparkline({ points }: { points: number[] }) {
  const top = Math.max(...points);
  const path = points.map(
    (point, at) => `${at ? "L" : "M"}${(at / Math.max(points.length - 1, 1)) * 68} ${22 - (point / top) * 20}`,
  );
  return (
    <svg
      viewBox="0 0 68 24"
      aria-hidden="true"
      className="absolute end-4 top-4 h-6 w-17 overflow-visible max-wide:hidden"
    >
      <path d={path.join(" ")} fill="none" stroke="currentColor" strokeWidth="1" vectorEffect="non-scaling-stroke" />
    </svg>
  );
}
