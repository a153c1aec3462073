import type { AdminProduct, Media, Picture } from "../../types";

/** A picture of the product as it stands in the form; what is known of it may still be on its way. */
export type Shown = { id: string; alt: string; picture: Picture | Media };

export function picturesOf(product: AdminProduct): Shown[] {
  return (product.images ?? []).map((picture) => ({ id: picture.id, alt: picture.alt, picture }));
}

/** What differs from the server's version: the ids in order if any moved, came or went, and other words. */
export function pictureChanges(product: AdminProduct, shown: Shown[]): { images?: string[]; alts: [string, string][] } {
  const before = picturesOf(product).map(({ id }) => id);
  const after = shown.map(({ id }) => id);
  const moved = before.length !== after.length || before.some((id, at) => id !== after[at]);
  const alts = shown
    .filter(({ alt, picture }) => alt.trim() !== picture.alt)
    .map(({ id, alt }): [string, string] => [id, alt.trim()]);
  return moved ? { images: after, alts } : { alts };
}

/** The list with the picture at `from` put at `to`. */
export function moved<T>(list: T[], from: number, to: number): T[] {
  const rest = list.filter((_, at) => at !== from);
  const one = list[from];
  return one === undefined || to < 0 || to > rest.length ? list : [...rest.slice(0, to), one, ...rest.slice(to)];
}

const KINDS: Record<string, string> = {
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  png: "image/png",
  webp: "image/webp",
  avif: "image/avif",
  gif: "image/gif",
};
export const ACCEPTED = [...new Set(Object.values(KINDS))].join(",");

/** What a file says it is; some browsers don't know AVIF. Null for what the shop doesn't take. */
export function kindOf(file: { type: string; name: string }): string | null {
  if (Object.values(KINDS).includes(file.type)) return file.type;
  return file.type === "" ? (KINDS[file.name.split(".").at(-1)?.toLowerCase() ?? ""] ?? null) : null;
}
