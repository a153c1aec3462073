import type { Attributes, Picture as PictureData } from "@noirel/shared/api/types";
import { ScriptButton } from "@noirel/shared/ui/button";
import { Chevron } from "@noirel/shared/ui/icons";
import { Picture } from "@noirel/shared/ui/picture";
import { fillsPlate, Plate, plateOf, plateStyle } from "@noirel/shared/ui/plate";
import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { Engraved } from "./engraved";

const Enlarged = lazy(() => import("./enlarged"));

type GalleryProps = {
  name: string;
  pictures: PictureData[];
  attributes: Attributes;
  soldOut: boolean;
  engraving: string;
  shown: string | null;
};

/** Every picture at once as thumbnails, one large in a row that snaps; pressing it enlarges. */
export function Gallery({ name, pictures, attributes, soldOut, engraving, shown }: GalleryProps) {
  const row = useRef<HTMLUListElement>(null);
  const [at, setAt] = useState(0);
  const [enlarged, setEnlarged] = useState(false);
  const house = plateOf(attributes) !== null;
  const count = pictures.length;
  const current = pictures[at];
  // A plate says which colour is read on it; of any other picture nobody knows, so words there have a ground of their own.
  const words = house ? "inset-x-0 text-(--on)" : "end-0 bg-paper text-ink";

  const go = (index: number) => {
    const list = row.current;
    const to = list?.children[Math.max(0, Math.min(count - 1, index))];
    if (!list || !(to instanceof HTMLElement)) return;
    list.scrollTo({ left: to.offsetLeft - list.offsetLeft, behavior: "smooth" });
  };

  // A variant with a picture of its own brings it forward; typing an engraving brings the glass.
  const target = engraving
    ? Math.max(
        0,
        pictures.findIndex(({ view }) => view === "whole"),
      )
    : pictures.findIndex(({ id }) => id === shown);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a new wish moves the row, not a new render.
  useEffect(() => {
    if (target >= 0) go(target);
  }, [target]);

  if (count === 0) {
    return (
      <div
        className="grid aspect-square place-items-center bg-plate p-8 text-center desk:aspect-auto desk:h-[min(50rem,calc(100svh-6.6rem))]"
        style={{ viewTransitionName: "plate" }}
      >
        <p>
          <span className="display block text-[8rem] font-extralight text-ink-3" aria-hidden="true">
            {[...name][0]}
          </span>
          <span className="mt-4 block text-sm text-ink-2">No picture of this one yet.</span>
        </p>
      </div>
    );
  }

  return (
    <section
      aria-label="Pictures"
      className={`flex flex-col ${count > 1 ? "desk:grid desk:grid-cols-[4.5rem_minmax(0,1fr)] desk:gap-4" : ""}`}
    >
      {count > 1 && (
        <ul className="flex gap-2 overflow-x-auto px-gutter py-3 max-desk:order-1 desk:grid desk:content-start desk:gap-3 desk:overflow-visible desk:p-0">
          {pictures.map((picture, index) => (
            <li key={picture.id}>
              <a
                href={`#picture-${index + 1}`}
                aria-label={`Picture ${index + 1} of ${count}`}
                aria-current={index === at ? "true" : undefined}
                onClick={(event) => {
                  event.preventDefault();
                  go(index);
                }}
                className="block w-13 aria-current:outline-1 aria-current:outline-offset-2 aria-current:outline-ink focus-visible:outline-2 focus-visible:outline-offset-3 desk:w-full"
              >
                <Plate picture={picture} attributes={attributes} sizes="72px" eager alt="" />
              </a>
            </li>
          ))}
        </ul>
      )}
      <div
        className={`@container group relative ${house ? "bg-(--wall)" : "bg-plate"}`}
        style={{
          viewTransitionName: "plate",
          ...plateStyle(plateOf(attributes)),
          ...(!house && current && fillsPlate(current) && { background: current.ground }),
        }}
      >
        <ul
          ref={row}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached and moved by keys.
          tabIndex={0}
          aria-label="Pictures in a row"
          onScroll={({ currentTarget: list }) => setAt(Math.round(Math.abs(list.scrollLeft) / list.clientWidth))}
          className="relative flex snap-x snap-mandatory overflow-x-auto overscroll-x-contain [scrollbar-width:none]"
        >
          {pictures.map((picture, index) => (
            <li
              key={picture.id}
              id={`picture-${index + 1}`}
              className={`relative aspect-[1/1.06] w-full shrink-0 snap-start overflow-hidden desk:aspect-auto desk:h-[min(50rem,max(calc(100svh-6.6rem),30rem),125cqi)] ${house ? "bg-(--wall)" : "bg-plate"}`}
            >
              {fillsPlate(picture) ? (
                // The frame is the picture's own 4:5, so that what is engraved lies on the glass however the plate is cut.
                <div className={`absolute inset-x-0 top-3/4 aspect-4/5 -translate-y-3/4 ${soldOut ? "plate-out" : ""}`}>
                  <Picture
                    picture={picture}
                    sizes="(min-width: 820px) 56vw, 100vw"
                    first={index === 0}
                    className="absolute inset-0 size-full object-cover"
                  />
                  {house && picture.view === "whole" && <Engraved text={engraving} />}
                </div>
              ) : (
                <Picture
                  picture={picture}
                  sizes="(min-width: 820px) 56vw, 100vw"
                  first={index === 0}
                  className="absolute inset-0 size-full object-contain"
                />
              )}
            </li>
          ))}
        </ul>
        <div className={`absolute bottom-0 flex items-center justify-end gap-1 pe-2 pb-1.5 text-xs ${words}`}>
          {count > 1 && (
            <span className="flex max-desk:hidden">
              <ScriptButton
                aria-label="Picture before"
                disabled={at === 0}
                onClick={() => go(at - 1)}
                className="grid size-11 place-items-center disabled:opacity-40"
              >
                <Chevron className="rotate-90 rtl:-rotate-90" />
              </ScriptButton>
              <ScriptButton
                aria-label="Next picture"
                disabled={at === count - 1}
                onClick={() => go(at + 1)}
                className="grid size-11 place-items-center disabled:opacity-40"
              >
                <Chevron className="-rotate-90 rtl:rotate-90" />
              </ScriptButton>
            </span>
          )}
          <ScriptButton onClick={() => setEnlarged(true)} className="numerals min-h-11 px-3">
            <span aria-hidden="true">{count > 1 ? `${at + 1} / ${count} — press to enlarge` : "Press to enlarge"}</span>
            <span className="sr-only">
              {count > 1 ? `Picture ${at + 1} of ${count}. Enlarge` : "Enlarge the picture"}
            </span>
          </ScriptButton>
        </div>
      </div>
      {enlarged && (
        <Suspense>
          <Enlarged pictures={pictures} at={at} onClose={() => setEnlarged(false)} onMove={go} />
        </Suspense>
      )}
    </section>
  );
}
