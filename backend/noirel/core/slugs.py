"""Slugs: the single rule for what may appear in an address. Pure.

`slugify` derives a slug from a name and is idempotent over all of Unicode. `is_slug` says whether a text can be used as it is.
`as_slug` keeps a text that is a slug already and derives one otherwise. web/shared/slug.ts is the same rule in TypeScript;
web/shared/slug.cases.json is the table of vectors that both are tested against.

Accents are removed from Latin and Greek letters only. In other scripts combining marks are part of the spelling (Devanagari
vowel signs, Thai tone marks, the voicing marks of kana), so they are preserved and composed with their letters.
"""

import re
import unicodedata
from functools import lru_cache

MAX_SLUG = 200

# Default_Ignorable_Code_Point (Unicode, DerivedCoreProperties.txt): invisible characters are never part of a slug.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
# Letters that have no decomposition in Unicode, with the spelling people type for them.
_TRANSLITERATIONS = str.maketrans(
    {"ß": "ss", "ø": "o", "œ": "oe", "æ": "ae", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ħ": "h"}
)
_VIRAMA = 9  # canonical combining class: joins a letter with the one after it


@lru_cache(4096)
def _class_of(char: str) -> str:
    """L(etter), N(umber), M(ark), "-" for hyphen and underscore, " " for anything else."""
    category = unicodedata.category(char)
    return category[0] if category[0] in "LN" or category in {"Mn", "Mc"} else "-" if char in "-_" else " "


@lru_cache(4096)
def _drops_accents(char: str) -> bool:
    return unicodedata.name(char, "").startswith(("LATIN ", "GREEK "))


def slugify(text: str, *, max_length: int = MAX_SLUG) -> str:
    """Lower-case words joined by hyphens; empty if the text has neither a letter nor a digit.

    max_length counts characters. Truncation never separates a mark from its letter.
    """
    plain = _INVISIBLE.sub("", unicodedata.normalize("NFKD", text))
    plain = "".join(char for char in plain if unicodedata.category(char) != "Me")
    plain = unicodedata.normalize("NFKD", plain.lower()).translate(_TRANSLITERATIONS)
    slug: list[str] = []
    for char in composed(_without_accents(plain)):
        kind = _class_of(char)
        if kind in "LN" or (kind == "M" and slug and slug[-1] != "-"):
            slug.append(char)
        elif kind != "M" and slug and slug[-1] != "-":
            slug.append("-")
    return _truncated("".join(slug).strip("-"), max_length).strip("-")


def composed(text: str) -> str:
    """Text in NFKC, except that the vowel AM of Thai and Lao stays one character: Unicode decomposes it, keyboards don't."""
    return unicodedata.normalize("NFKC", text).replace("\u0e4d\u0e32", "\u0e33").replace("\u0ecd\u0eb2", "\u0eb3")


def _without_accents(text: str) -> str:
    result: list[str] = []
    is_accent = False
    for char in text:
        if unicodedata.category(char) == "Mn":
            if is_accent:
                continue
        else:
            is_accent = _drops_accents(char)
        result.append(char)
    return "".join(result)


def _truncated(slug: str, max_length: int) -> str:
    end = max_length
    if len(slug) > max_length:
        while end and (_class_of(slug[end]) == "M" or unicodedata.combining(slug[end - 1]) == _VIRAMA):
            end -= 1
    return slug[: end or max_length]


def is_slug(text: str, *, max_length: int = MAX_SLUG, any_case: bool = False) -> bool:
    """Whether it can be an address as it is: letters and digits with their marks, hyphens, underscores, lower case, in NFKC."""
    if not 0 < len(text) <= max_length or _INVISIBLE.search(text) or composed(text) != text:
        return False
    if not any_case and text.lower() != text:
        return False
    classes = "".join(map(_class_of, text))
    return " " not in classes and classes[0] != "M" and "-M" not in classes and classes.strip("-") != ""


def as_slug(text: str, *, max_length: int = MAX_SLUG) -> str:
    """The text itself, in lower case, if it is a slug; else one derived from it; empty if that is not possible."""
    normal = composed(composed(text).lower())
    return normal if is_slug(normal, max_length=max_length) else slugify(normal, max_length=max_length)
