import type { Attributes } from "@noirel/shared/api/types";
import { plateOf } from "@noirel/shared/ui/plate";

/** Whether words on a plate are ivory (its wall is dark) or ink: read from the plate's own `on`. */
export function lightOf(attributes: Attributes): "noir" | "ivory" {
  const on = plateOf(attributes)?.on ?? "";
  const lightness = Number(on.match(/oklch\(\s*([\d.]+)/)?.[1] ?? Number.NaN);
  if (Number.isFinite(lightness)) return lightness > 0.6 ? "noir" : "ivory";
  return on.startsWith("#") && !isDark(on) ? "noir" : "ivory";
}

/** Whether a hex colour is a dark ground; anything else is taken for a light one. */
export function isDark(colour: string): boolean {
  const hex = colour.match(/^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})/i);
  if (!hex) return false;
  const [red = 0, green = 0, blue = 0] = hex.slice(1).map((part) => Number.parseInt(part, 16));
  return red * 0.3 + green * 0.59 + blue * 0.11 < 140;
}
