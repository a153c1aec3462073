/** How a perfume leaves the skin: three curves over twelve hours, read from the product's attributes. */
export type Layer = "top" | "heart" | "base";
export type Curve = { layer: Layer; points: [hour: number, strength: number][] };
export type Notes = Record<Layer, string[]>;

export const LAYERS: Layer[] = ["top", "heart", "base"];

const words = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((word) => typeof word === "string") : [];

export function notesOf(value: unknown): Notes | null {
  if (!value || typeof value !== "object") return null;
  const notes = value as Record<string, unknown>;
  const read = { top: words(notes.top), heart: words(notes.heart), base: words(notes.base) };
  return LAYERS.some((layer) => read[layer].length > 0) ? read : null;
}

/** Strengths are 0 to 1, times in hours since it was put on. */
export function curvesOf(value: unknown): Curve[] {
  if (!value || typeof value !== "object") return [];
  const source = value as Record<string, unknown>;
  const curves = (source.curves ?? source) as Record<string, unknown>;
  const hours = Array.isArray(source.hours) ? source.hours.map(Number) : null;
  return LAYERS.flatMap((layer) => {
    const line = curves[layer];
    if (!Array.isArray(line) || line.length < 3) return [];
    const points = line.map((point, index): [number, number] =>
      Array.isArray(point)
        ? [Number(point[0]), Number(point[1])]
        : [hours?.[index] ?? (12 * index) / (line.length - 1), Number(point)],
    );
    const most = Math.max(...points.map(([, strength]) => strength), 0.001);
    return [{ layer, points: points.map(([hour, strength]) => [hour, most > 1 ? strength / most : strength]) }];
  });
}

const TICKS: [hour: number, at: number][] = [
  [0, 0],
  [1 / 3, 0.16],
  [2, 0.36],
  [4, 0.58],
  [8, 0.8],
  [12, 1],
];

/** Where an hour stands on the axis, 0 to 1: the first minutes have more room than the last hours. */
export function along(hour: number): number {
  for (let index = 1; index < TICKS.length; index++) {
    const [from, start] = TICKS[index - 1] as [number, number];
    const [to, end] = TICKS[index] as [number, number];
    if (hour <= to) return start + ((hour - from) / (to - from)) * (end - start);
  }
  return 1;
}

/** A smooth line through the points that never overshoots them (monotone cubic, Fritsch and Butland). */
export function smooth(points: [number, number][]): string {
  const count = points.length;
  if (count < 2) return "";
  const slope = points.slice(1).map(([x, y], index) => {
    const [x0, y0] = points[index] as [number, number];
    return (y - y0) / (x - x0 || 1);
  });
  const width = points.slice(1).map(([x], index) => x - (points[index]?.[0] ?? 0) || 1);
  const tangent = points.map((_, index) => {
    const before = slope[index - 1];
    const after = slope[index];
    if (before === undefined) return after ?? 0;
    if (after === undefined) return before;
    if (before * after <= 0) return 0;
    const [left, right] = [width[index - 1] ?? 1, width[index] ?? 1];
    return (3 * (left + right)) / ((2 * right + left) / before + (right + 2 * left) / after);
  });
  const round = (value: number) => Math.round(value * 10) / 10;
  const [x0, y0] = points[0] as [number, number];
  let path = `M${round(x0)} ${round(y0)}`;
  for (let index = 1; index < count; index++) {
    const [fromX, fromY] = points[index - 1] as [number, number];
    const [x, y] = points[index] as [number, number];
    const third = (x - fromX) / 3;
    path += `C${round(fromX + third)} ${round(fromY + third * (tangent[index - 1] ?? 0))} ${round(x - third)} ${round(y - third * (tangent[index] ?? 0))} ${round(x)} ${round(y)}`;
  }
  return path;
}
