import type { AdminProduct, Media, Picture } from "../../types";

/** A picture of the product as it stands in the form; what is known of it may still be on its way. */
export type Shown = { id: string; alt: string; focal: Focal | null; picture: Picture | Media };
export type Focal = NonNullable<Picture["focal"]>;
export type About = { alt?: string; focal?: Focal | null };

export function picturesOf(product: AdminProduct): Shown[] {
  return (product.images ?? []).map(shownOf);
}

export const shownOf = (picture: Picture | Media): Shown => ({
  id: picture.id,
  alt: picture.alt,
  focal: picture.focal,
  picture,
});

/** What differs from the server's version: the ids in order if any moved, came or went, and what is said about each. */
export function pictureChanges(product: AdminProduct, shown: Shown[]): { images?: string[]; about: [string, About][] } {
  const before = picturesOf(product).map(({ id }) => id);
  const after = shown.map(({ id }) => id);
  const moved = before.length !== after.length || before.some((id, at) => id !== after[at]);
  const about = shown
    .map(({ id, alt, focal, picture }): [string, About] => [
      id,
      { ...(alt.trim() !== picture.alt && { alt: alt.trim() }), ...(!isSame(focal, picture.focal) && { focal }) },
    ])
    .filter(([, news]) => Object.keys(news).length);
  return moved ? { images: after, about } : { about };
}

const isSame = (one: Focal | null, other: Focal | null) => one?.x === other?.x && one?.y === other?.y;

/**
 * Mine upon somebody else's version: the order is mine if I changed it, what came or went on either side came or went, and what
 * I said about a picture stays.
 */
export function mergedPictures(product: AdminProduct, mine: Shown[], theirs: AdminProduct): Shown[] {
  const { images, about } = pictureChanges(product, mine);
  const said = new Map(about);
  const before = new Set((product.images ?? []).map(({ id }) => id));
  const now = new Map((theirs.images ?? []).map((picture) => [picture.id, picture]));
  const stays = ({ id }: Shown) => now.has(id) || !before.has(id);
  const came = picturesOf(theirs).filter(({ id }) => !before.has(id) && !mine.some((one) => one.id === id));
  const list = images ? [...mine.filter(stays), ...came] : picturesOf(theirs);
  return list.map((one) => ({ ...shownOf(now.get(one.id) ?? one.picture), ...said.get(one.id) }));
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
