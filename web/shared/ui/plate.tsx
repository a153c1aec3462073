import type { CSSProperties, ReactNode } from "react";
import type { Attributes, Picture as PictureData } from "../api/types";
import { Picture } from "./picture";

/** The light a perfume stands in, as its attribute `plate` has it. */
export type PlateColours = {
  wall: string;
  wall2: string;
  floor: string;
  lit: string;
  on: string;
  juice: string;
  juice_lit: string;
  gobo?: string;
  moon?: number;
};

export function hourOf(attributes: Attributes): string | null {
  const { hour } = attributes;
  return typeof hour === "string" && /^\d\d:\d\d$/.test(hour) ? hour : null;
}

export function plateOf(attributes: Attributes): PlateColours | null {
  const { plate } = attributes;
  return plate && typeof plate === "object" && "wall" in plate ? (plate as PlateColours) : null;
}

/** The plate's colours as the variables that classes use (`bg-(--wall)`, `text-(--on)`). */
export function plateStyle(plate: PlateColours | null): CSSProperties {
  if (!plate) return {};
  return {
    "--wall": plate.wall,
    "--wall2": plate.wall2,
    "--floor": plate.floor,
    "--lit": plate.lit,
    "--on": plate.on,
    "--juice": plate.juice,
    "--juice-lit": plate.juice_lit,
  } as CSSProperties;
}

/** A picture of about 4:5 fills its plate; any other is shown whole on the ground. */
export function fillsPlate({ width, height }: PictureData): boolean {
  return Math.abs(width / height - 0.8) < 0.06;
}

type PlateProps = {
  picture: PictureData | null | undefined;
  attributes?: Attributes;
  sizes: string;
  first?: boolean;
  eager?: boolean;
  alt?: string;
  /** Shape and place; 4:5 unless told. */
  className?: string;
  style?: CSSProperties;
  children?: ReactNode;
};

/**
 * A picture on its ground. A product of the house shows its wall before the picture comes;
 * any other gets the neutral plate, and one without a picture an empty one.
 */
export function Plate({
  picture,
  attributes = {},
  sizes,
  first = false,
  eager = first,
  alt,
  className = "aspect-4/5",
  style,
  children,
}: PlateProps) {
  const plate = plateOf(attributes);
  return (
    <div
      className={`relative isolate overflow-hidden bg-plate ${plate ? "text-(--on)" : "text-ink"} ${className}`}
      style={{ ...plateStyle(plate), ...(plate && { background: plate.wall }), ...style }}
    >
      {picture && (
        <Picture
          picture={picture}
          sizes={sizes}
          first={first}
          eager={eager}
          {...(alt !== undefined && { alt })}
          className={`absolute inset-0 -z-10 size-full ${plate || fillsPlate(picture) ? "object-cover" : "object-contain"}`}
          style={{ background: plate ? undefined : picture.ground || undefined }}
        />
      )}
      {children}
    </div>
  );
}
