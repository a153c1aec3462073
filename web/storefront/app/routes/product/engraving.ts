import type { Shop } from "@noirel/shared/api/types";

export type Engraving = {
  /** What will be cut into the glass: the letters of the text that can be. */
  cut: string;
  /** The characters that can't be cut, each once, in the order they were typed. */
  refused: string[];
  /** How many more characters fit; negative when there are too many. */
  left: number;
};

const characters = new Intl.Segmenter("en", { granularity: "grapheme" });

/** The character as the alphabet has it: itself, else its capital; null where it has neither. */
function inAlphabet(character: string, alphabet: ReadonlySet<string>): string | null {
  if (alphabet.has(character)) return character;
  const capital = character.toUpperCase();
  return alphabet.has(capital) ? capital : null;
}

function split(text: string): string[] {
  return [...characters.segment(text.normalize("NFC"))].map(({ segment }) => segment);
}

/** The text as the field shows it: capitals where the alphabet has no small letters, and nothing taken out. */
export function engravingText(text: string, { alphabet }: Shop["engraving"]): string {
  const letters = new Set(alphabet);
  return split(text)
    .map((character) => inAlphabet(character, letters) ?? character)
    .join("");
}

export function readEngraving(text: string, { alphabet, max }: Shop["engraving"]): Engraving {
  const letters = new Set(alphabet);
  const typed = split(text.trim());
  const cut = typed.map((character) => inAlphabet(character, letters));
  return {
    cut: cut
      .filter((letter) => letter !== null)
      .slice(0, max)
      .join(""),
    refused: [...new Set(typed.filter((_, index) => cut[index] === null))],
    left: max - typed.length,
  };
}

/** Why the text can't be engraved as it is, and what to do; null when it can. */
export function engravingError({ refused, left }: Engraving, { alphabet, max }: Shop["engraving"]): string | null {
  if (refused.length > 0) {
    const signs = [...alphabet].filter((letter) => !/[\p{L}\p{N}\s]/u.test(letter)).join(" ");
    const quoted = refused.map((character) => `“${character}”`);
    const list = new Intl.ListFormat("en-GB", { type: "conjunction" }).format(quoted);
    return `${list} can’t be engraved. Use A to Z, 0 to 9, spaces${signs && ` and ${signs}`}.`;
  }
  if (left < 0) return `There is room for ${max} characters. Take out ${-left}.`;
  return null;
}
