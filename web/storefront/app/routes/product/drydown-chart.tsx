import { Link } from "react-router";
import { along, type Curve, LAYERS, type Layer, type Notes, smooth } from "./drydown";

const NAMES: Record<Layer, { name: string; while: string }> = {
  top: { name: "Top", while: "first 20 min" },
  heart: { name: "Heart", while: "to 4 h" },
  base: { name: "Base", while: "to 12 h" },
};
/** Whole names, so that the style sheet has them. */
const VEILS: Record<Layer, string> = { top: "drydown-top", heart: "drydown-heart", base: "drydown-base" };
const MARKS: [label: string, hour: number][] = [
  ["On skin", 0],
  ["20 min", 1 / 3],
  ["2 h", 2],
  ["4 h", 4],
  ["8 h", 8],
  ["12 h", 12],
];
const WIDTH = 1344;
const FLOOR = 260;
const HIGH = 230;

function strengthAt({ points }: Curve, hour: number): number {
  const next = points.findIndex(([at]) => at >= hour);
  if (next <= 0) return points[next === 0 ? 0 : points.length - 1]?.[1] ?? 0;
  const [from, low] = points[next - 1] as [number, number];
  const [to, high] = points[next] as [number, number];
  return low + ((hour - from) / (to - from || 1)) * (high - low);
}

const WORDS = ["none", "a trace", "faint", "clear", "strong"];
const inWords = (strength: number) => WORDS[Math.min(4, Math.ceil(strength * 4 - 0.12))] ?? "none";

type DrydownProps = { name: string; text: string; curves: Curve[]; notes: Notes | null };

export function Drydown({ name, text, curves, notes }: DrydownProps) {
  return (
    <section className="wrap grid gap-x-gap pb-section desk:grid-cols-12" aria-labelledby="drydown">
      <h2 id="drydown" className="display text-4xl desk:col-span-7">
        How it leaves you
      </h2>
      {text && (
        <p className="mt-4 max-w-prose self-end text-ink-2 desk:col-span-4 desk:col-start-9 desk:mt-0 desk:ps-[clamp(1rem,2.5vw,2.75rem)]">
          {text}
        </p>
      )}
      {curves.length > 0 && (
        <figure className="mt-8 desk:col-span-full desk:mt-12">
          <div className="relative">
            <svg
              viewBox={`0 0 ${WIDTH} ${FLOOR + 8}`}
              preserveAspectRatio="none"
              className="block h-44 w-full desk:h-auto"
              aria-hidden="true"
            >
              {curves.map((curve) => {
                const line = curve.points.map(([hour, strength]): [number, number] => [
                  along(hour) * WIDTH,
                  FLOOR - strength * HIGH,
                ]);
                const path = smooth(line);
                return (
                  <g key={curve.layer} className={VEILS[curve.layer]}>
                    <path d={`${path}L${WIDTH} ${FLOOR}L0 ${FLOOR}Z`} className="drydown-fill" />
                    <path
                      d={path}
                      fill="none"
                      className="drydown-line"
                      strokeWidth="1.5"
                      vectorEffect="non-scaling-stroke"
                    />
                  </g>
                );
              })}
              <path d={`M0 ${FLOOR}H${WIDTH}`} className="stroke-rule" vectorEffect="non-scaling-stroke" />
              {MARKS.map(([label, hour]) => (
                <path
                  key={label}
                  d={`M${along(hour) * WIDTH} ${FLOOR}v7`}
                  className="stroke-rule"
                  vectorEffect="non-scaling-stroke"
                />
              ))}
            </svg>
            {notes &&
              curves.map((curve) => {
                const [hour, strength] = curve.points.reduce((best, point) => (point[1] > best[1] ? point : best));
                const word = notes[curve.layer][0];
                return (
                  word && (
                    <span
                      key={curve.layer}
                      aria-hidden="true"
                      className="display absolute -translate-x-1/2 -translate-y-full pb-1 text-[1.125rem] leading-none whitespace-nowrap max-desk:hidden desk:text-xl"
                      style={{
                        left: `${Math.max(5, along(hour) * 100)}%`,
                        top: `${((FLOOR - strength * HIGH) / (FLOOR + 8)) * 100}%`,
                      }}
                    >
                      {word}
                    </span>
                  )
                );
              })}
          </div>
          <div aria-hidden="true" className="relative mt-2 h-5 text-sm text-ink-2">
            {MARKS.map(([label, hour], index) => (
              <span
                key={label}
                className={`absolute whitespace-nowrap ${index === 1 ? "max-desk:hidden" : ""} ${index === 0 ? "" : index === MARKS.length - 1 ? "-translate-x-full" : "-translate-x-1/2"}`}
                style={{ left: `${along(hour) * 100}%` }}
              >
                {label}
              </span>
            ))}
          </div>
          <div className="sr-only">
            <table>
              <caption>How {name} unfolds on skin over twelve hours</caption>
              <thead>
                <tr>
                  <th scope="col">When</th>
                  {curves.map(({ layer }) => (
                    <th key={layer} scope="col">
                      {NAMES[layer].name}
                      {notes && `: ${notes[layer].join(", ")}`}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {MARKS.map(([label, hour]) => (
                  <tr key={label}>
                    <th scope="row">{label}</th>
                    {curves.map((curve) => (
                      <td key={curve.layer}>{inWords(strengthAt(curve, hour))}</td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </figure>
      )}
      {notes && (
        <div className="mt-7 grid gap-6 desk:col-span-full desk:mt-5 desk:grid-cols-[2.2fr_3fr_4.8fr] desk:gap-gap">
          {LAYERS.filter((layer) => notes[layer].length > 0).map((layer) => (
            <div key={layer}>
              <h3 className="text-sm font-medium">
                {NAMES[layer].name}
                <span className="ms-2.5 font-normal text-ink-3">{NAMES[layer].while}</span>
              </h3>
              <p className="display mt-1.5 text-2xl">
                {notes[layer].map((note, index) => (
                  <span key={note}>
                    {index > 0 && ", "}
                    <Link to={`/search?q=${encodeURIComponent(note)}`} className="link-quiet">
                      {index === 0 ? note : note.charAt(0).toLowerCase() + note.slice(1)}
                    </Link>
                  </span>
                ))}
              </p>
            </div>
          ))}
        </div>
      )}
    </section>
  );
}
