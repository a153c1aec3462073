import { useState } from "react";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import type { Focal as Point, Shown } from "./pictures";

const MIDDLE: Point = { x: 50, y: 50 };

/** Focal point of a picture wherever it is cut: by a press on it, or by two sliders. */
export function Focal({
  shown,
  onClose,
  onSet,
}: {
  shown: Shown | null;
  onClose: () => void;
  onSet: (focal: Point | null) => void;
}) {
  return (
    <Dialog title="Focal point" open={shown !== null} onClose={onClose}>
      {shown ? <Fields shown={shown} onClose={onClose} onSet={onSet} /> : null}
    </Dialog>
  );
}

function Fields({
  shown: { picture, focal },
  onClose,
  onSet,
}: {
  shown: Shown;
  onClose: () => void;
  onSet: (focal: Point | null) => void;
}) {
  const [{ x, y }, point] = useState(focal ?? MIDDLE);
  const largest = picture.renditions
    .filter(({ format, width }) => format === "webp" && width <= 960)
    .sort((a, b) => b.width - a.width)[0];
  const file = largest ?? picture.renditions[0];
  const ways = [
    ["Across", x, (to: number) => point({ x: to, y })],
    ["Down", y, (to: number) => point({ x, y: to })],
  ] as const;
  return (
    <div className="grid gap-4">
      <p className="text-ink-2">Press the point to keep in view when the picture is cropped.</p>
      <div className="grid grid-cols-[minmax(0,1fr)_5rem] items-start gap-4">
        {/* biome-ignore lint/a11y/useKeyWithClickEvents: the sliders below are the keys' way */}
        {/* biome-ignore lint/a11y/noStaticElementInteractions: as above */}
        <div
          className="relative mx-auto w-fit cursor-crosshair"
          onClick={({ clientX, clientY, currentTarget }) => {
            const box = currentTarget.getBoundingClientRect();
            point({ x: share(clientX - box.left, box.width), y: share(clientY - box.top, box.height) });
          }}
        >
          <img
            src={file?.url}
            width={picture.width}
            height={picture.height}
            alt=""
            draggable={false}
            className="h-auto max-h-[24rem] w-auto max-w-full rounded-admin"
          />
          <i
            aria-hidden="true"
            className="pointer-events-none absolute size-6 -translate-1/2 rounded-full border-2 border-paper outline-2 outline-ink"
            style={{ left: `${x}%`, top: `${y}%` }}
          />
        </div>
        <div className="grid gap-3 text-xs text-ink-2" aria-hidden="true">
          {["aspect-square", "aspect-4/5", "aspect-[16/9]"].map((shape) => (
            <img
              key={shape}
              src={file?.url}
              alt=""
              className={`w-full rounded-admin object-cover ${shape}`}
              style={{ objectPosition: `${x}% ${y}%` }}
            />
          ))}
        </div>
      </div>
      {ways.map(([label, value, set]) => (
        <label key={label} className="grid grid-cols-[4rem_minmax(0,1fr)_3rem] items-center gap-3">
          {label}
          <input
            type="range"
            aria-label={label}
            aria-valuetext={`${value} percent`}
            min={0}
            max={100}
            value={value}
            className="max-desk:h-11"
            onChange={({ target }) => set(Number(target.value))}
          />
          <span className="text-end text-ink-2">{value} %</span>
        </label>
      ))}
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button onClick={() => onSet(null)}>Centre</Button>
        <Button kind="primary" onClick={() => onSet(x === 50 && y === 50 ? null : { x, y })}>
          Use this point
        </Button>
      </div>
    </div>
  );
}

const share = (at: number, of: number) => Math.max(0, Math.min(100, Math.round((at / of) * 100)));
