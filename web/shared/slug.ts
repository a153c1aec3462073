/**
 * Slugs: the rule of backend/noirel/core/slugs.py in TypeScript, for live previews in forms. Both are tested against the vectors in
 * slug.cases.json. Accents are removed from Latin and Greek letters only: in other scripts marks are part of the spelling.
 */

export const MAX_SLUG = 200;

const ENCLOSING = /\p{Me}/gu;
const INVISIBLE = /\p{Default_Ignorable_Code_Point}/gu;
const WORD = /[\p{L}\p{N}]/u;
const MARK = /[\p{Mn}\p{Mc}]/u;
const ACCENTS = /([\p{Script=Latin}\p{Script=Greek}])\p{Mn}+/gu;
// Letters that have no decomposition in Unicode, with the spelling people type for them.
const TRANSLITERATIONS: Record<string, string> = {
  ß: "ss",
  ø: "o",
  œ: "oe",
  æ: "ae",
  ł: "l",
  đ: "d",
  ð: "d",
  þ: "th",
  ı: "i",
  ħ: "h",
};
// Canonical combining class 9: marks that join a letter with the one after it.
const VIRAMAS = new Set(
  [
    "\u{94d}\u{9cd}\u{a4d}\u{acd}\u{b4d}\u{bcd}\u{c4d}\u{ccd}\u{d3b}\u{d3c}\u{d4d}\u{dca}\u{e3a}\u{eba}",
    "\u{f84}\u{1039}\u{103a}\u{1714}\u{1715}\u{1734}\u{17d2}\u{1a60}\u{1b44}\u{1baa}\u{1bab}\u{1bf2}",
    "\u{1bf3}\u{2d7f}\u{a806}\u{a82c}\u{a8c4}\u{a953}\u{a9c0}\u{aaf6}\u{abed}\u{10a3f}\u{11046}\u{11070}",
    "\u{1107f}\u{110b9}\u{11133}\u{11134}\u{111c0}\u{11235}\u{112ea}\u{1134d}\u{11442}\u{114c2}\u{115bf}",
    "\u{1163f}\u{116b6}\u{1172b}\u{11839}\u{1193d}\u{1193e}\u{119e0}\u{11a34}\u{11a47}\u{11a99}\u{11c3f}",
    "\u{11d44}\u{11d45}\u{11d97}",
  ].join(""),
);

/** Lower-case words joined by hyphens; empty if the text has neither a letter nor a digit. maxLength counts code points. */
export function slugify(text: string, maxLength = MAX_SLUG): string {
  const lower = text.normalize("NFKD").replace(INVISIBLE, "").replace(ENCLOSING, "").toLowerCase().normalize("NFKD");
  const plain = Array.from(lower, (char) => TRANSLITERATIONS[char] ?? char).join("");
  const slug: string[] = [];
  for (const char of composed(plain.replace(ACCENTS, "$1"))) {
    const last = slug.at(-1);
    if (WORD.test(char)) slug.push(char);
    else if (MARK.test(char)) {
      if (last !== undefined && last !== "-") slug.push(char);
    } else if (last !== undefined && last !== "-") slug.push("-");
  }
  return trimmed(truncated(Array.from(trimmed(slug.join(""))), maxLength));
}

/** Whether the text can be an address as it is: lower-case letters and digits with their marks, hyphens, underscores, in NFKC. */
export function isSlug(text: string, maxLength = MAX_SLUG): boolean {
  const chars = Array.from(text);
  if (chars.length === 0 || chars.length > maxLength) return false;
  if (text.replace(INVISIBLE, "") !== text || composed(text) !== text || text.toLowerCase() !== text) return false;
  return /^[\p{L}\p{N}\p{Mn}\p{Mc}_-]+$/u.test(text) && WORD.test(text) && !/(^|[-_])[\p{Mn}\p{Mc}]/u.test(text);
}

/** The text itself, in lower case, if it is a slug; else one derived from it; empty if that is not possible. */
export function asSlug(text: string, maxLength = MAX_SLUG): string {
  const normal = composed(composed(text).toLowerCase());
  return isSlug(normal, maxLength) ? normal : slugify(normal, maxLength);
}

/** NFKC, except that the vowel AM of Thai and Lao stays one character. */
function composed(text: string): string {
  return text.normalize("NFKC").replaceAll("\u0e4d\u0e32", "\u0e33").replaceAll("\u0ecd\u0eb2", "\u0eb3");
}

function truncated(chars: string[], maxLength: number): string {
  let end = maxLength;
  if (chars.length > maxLength) {
    while (end > 0 && (MARK.test(chars[end] ?? "") || VIRAMAS.has(chars[end - 1] ?? ""))) end -= 1;
  }
  return chars.slice(0, end || maxLength).join("");
}

const trimmed = (slug: string) => slug.replace(/^-+|-+$/g, "");
