import type { Picture } from "../types";

/** A stamp-sized picture: the smallest rendition, on its own ground. Decorative: the name stands beside it. */
export function Thumb({ picture, className = "w-9" }: { picture: Picture | null; className?: string }) {
  const smallest = picture?.renditions
    .filter((rendition) => rendition.format === "webp")
    .sort((a, b) => a.width - b.width)[0];
  return (
    <span
      className={`block aspect-4/5 flex-none overflow-hidden rounded-[3px] bg-plate ${className}`}
      style={picture ? { background: picture.ground } : undefined}
    >
      {smallest ? (
        <img
          src={smallest.url}
          width={smallest.width}
          height={smallest.height}
          alt=""
          loading="lazy"
          decoding="async"
          className="size-full object-cover"
          style={picture?.focal ? { objectPosition: `${picture.focal.x}% ${picture.focal.y}%` } : undefined}
        />
      ) : null}
    </span>
  );
}
