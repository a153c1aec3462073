import type { Attributes, Picture as PictureData, Shop } from "@noirel/shared/api/types";
import { ScriptButton } from "@noirel/shared/ui/button";
import { Field } from "@noirel/shared/ui/field";
import { Picture } from "@noirel/shared/ui/picture";
import { plateOf, plateStyle } from "@noirel/shared/ui/plate";
import type { RefObject } from "react";
import { Engraved } from "./engraved";
import { engravingError, engravingText, readEngraving } from "./engraving";

type EngraveProps = {
  limits: Shop["engraving"];
  open: boolean;
  onOpen: (open: boolean) => void;
  text: string;
  onText: (text: string) => void;
  /** Says something once to a screen reader. */
  announce: (words: string) => void;
  /** The picture the text is shown on: the whole flacon. */
  picture: PictureData | undefined;
  attributes: Attributes;
  field: RefObject<HTMLInputElement | null>;
};

const HINT = "Engraved glass cannot be returned.";

/** The engraving's field, with the glass beside it where the gallery is out of sight. */
export function Engrave({ limits, open, onOpen, text, onText, announce, picture, attributes, field }: EngraveProps) {
  const engraving = readEngraving(text, limits);
  const error = engravingError(engraving, limits);
  const { left } = engraving;

  const change = (typed: string) => {
    const next = engravingText(typed, limits);
    const read = readEngraving(next, limits);
    const wrong = engravingError(read, limits);
    onText(next);
    if (wrong && wrong !== error) announce(wrong);
    else if (!wrong && read.left % 4 === 0) announce(`${read.left} characters left`);
  };

  return (
    <div className="mt-5 border-y border-line py-4">
      <div className="flex items-center justify-between gap-4 text-[0.9375rem]">
        <span>
          Engrave the glass
          <small className="block text-sm text-ink-3">Up to {limits.max} characters, no charge</small>
        </span>
        <ScriptButton
          className="link text-[0.875rem]"
          aria-expanded={open}
          onClick={() => {
            if (open) onText("");
            onOpen(!open);
          }}
        >
          {open ? "No engraving" : "Add initials"}
        </ScriptButton>
      </div>
      <noscript>
        <Field
          label="On the glass"
          name="engraving"
          maxLength={limits.max}
          autoComplete="off"
          className="mt-4"
          hint={HINT}
        />
      </noscript>
      {open && (
        <>
          {picture && plateOf(attributes) && (
            <div
              aria-hidden="true"
              className="relative mt-4 h-28 overflow-hidden bg-(--wall) desk:hidden"
              style={plateStyle(plateOf(attributes))}
            >
              {/* The picture's own 4:5, so near that the line of the engraving is in the middle. */}
              <div className="absolute start-1/2 top-1/2 aspect-4/5 w-[170%] -translate-x-1/2 -translate-y-[74.9%] rtl:translate-x-1/2">
                <Picture
                  picture={picture}
                  sizes="170vw"
                  eager
                  alt=""
                  className="absolute inset-0 size-full object-cover"
                />
                <Engraved text={engraving.cut} />
              </div>
            </div>
          )}
          <Field
            ref={field}
            label="On the glass"
            aside={left < 0 ? `${-left} too many` : `${left} left`}
            name="engraving"
            value={text}
            autoComplete="off"
            autoCapitalize="characters"
            spellCheck={false}
            className="mt-4"
            error={error}
            hint={HINT}
            onChange={({ target }) => change(target.value)}
          />
        </>
      )}
    </div>
  );
}
