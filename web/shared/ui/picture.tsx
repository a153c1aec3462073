import type { Picture as PictureData, Rendition } from "../api/types";

const SOURCES = ["avif", "webp"] as const;

function srcset(renditions: Rendition[]): string {
  return renditions.map(({ url, width }) => `${url} ${width}w`).join(", ");
}

export type PictureProps = {
  picture: PictureData;
  /** The width it is shown at, as in `sizes`; in px or vw for each breakpoint. */
  sizes: string;
  /** The one picture a page is judged by: fetched first, never lazy. */
  first?: boolean;
  /** Small and wanted at once, like a thumbnail in the first view. */
  eager?: boolean;
  /** Empty where words beside it already say what is seen. */
  alt?: string;
  className?: string;
  style?: React.CSSProperties;
  draggable?: boolean;
};

/** A picture in the formats the browser likes, on its own ground, so that nothing moves or flashes while it loads. */
export function Picture({
  picture,
  sizes,
  first = false,
  eager = first,
  alt = picture.alt,
  className = "",
  style,
  draggable,
}: PictureProps) {
  const of = (...formats: Rendition["format"][]) =>
    picture.renditions.filter(({ format }) => formats.includes(format)).sort((a, b) => a.width - b.width);
  const plain = of("jpeg", "png");
  const fallback = plain.length ? plain : of("webp", "avif");
  const middle = fallback[Math.floor((fallback.length - 1) / 2)];
  return (
    <picture className="contents">
      {SOURCES.map((format) => {
        const renditions = of(format);
        return (
          renditions.length > 0 && (
            <source key={format} type={`image/${format}`} srcSet={srcset(renditions)} sizes={sizes} />
          )
        );
      })}
      <img
        src={middle?.url}
        srcSet={srcset(fallback)}
        sizes={sizes}
        width={picture.width}
        height={picture.height}
        alt={alt}
        loading={eager ? "eager" : "lazy"}
        decoding={first ? "sync" : "async"}
        {...(first && { fetchPriority: "high" as const })}
        className={className}
        style={
          picture.focal
            ? ({ "--focal": `${picture.focal.x}% ${picture.focal.y}%`, ...style } as React.CSSProperties)
            : style
        }
        draggable={draggable}
      />
    </picture>
  );
}
