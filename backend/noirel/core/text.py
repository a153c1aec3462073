"""Cleans text that people type and that is later printed, mailed or shown to others. Pure."""

import re
import unicodedata

# Format characters (Cf) that are part of a script's spelling and must be preserved: the joiners of Indic scripts, Arabic and
# emoji, and the number signs of Arabic and Syriac.
_PRESERVED = frozenset("\u200c\u200d\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u08e2")
_NEWLINES = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
_PLAIN = re.compile(r"[ -~]*")


def without_invisible(text: str) -> str:
    """Remove control, directional and zero-width characters. Line feeds and tabs are kept."""
    return "".join(
        char for char in text if char in "\n\t" or char in _PRESERVED or unicodedata.category(char) not in {"Cc", "Cf", "Cs"}
    )


def plain_text(text: str, *, multiline: bool = False) -> str:
    """Normalise text to NFC and remove invisible characters.

    multiline: keep line breaks; otherwise every run of white space becomes one space.
    """
    if _PLAIN.fullmatch(text):
        return text
    text = unicodedata.normalize("NFC", without_invisible(_NEWLINES.sub("\n", text)))
    if multiline:
        return text.replace("\t", " ")
    return re.sub(r"\s+", " ", text)


_LINK = re.compile(
    r"://|\bwww\.|\b[a-z0-9-]{2,}\.[a-z]{3,}/"
    r"|\b[a-z0-9-]{2,}\.(?:com|net|org|info|biz|io|app|dev|xyz|top|shop|store|site|online|link|click|live|example|ru|cn|tk|ly)\b",
    re.IGNORECASE,
)


def has_link(text: str) -> bool:
    """Whether a mail program would make a link of a part of the text. Not of `Dr.Rao`, `No.12` or `J.R.R.`."""
    return _LINK.search(unicodedata.normalize("NFKC", text)) is not None


def ascii_digits(text: str) -> str:
    """Replace the decimal digits of all scripts, and full-width letters, by ASCII."""
    text = unicodedata.normalize("NFKC", text)
    return "".join(str(unicodedata.decimal(char)) if char.isdecimal() else char for char in text)
