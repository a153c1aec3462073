"""When two values of an option are the same: one rule for the API and for imports. Pure."""

import unicodedata

from noirel.core.text import plain_text

MAX_OPTION_VALUE = 255  # characters, as in Shopify's files


def option_value(text: str) -> str:
    """The spelling that is stored: NFC, without invisible characters, single spaces for all white space, none at the ends."""
    return " ".join(plain_text(text).split())


def option_key(text: str) -> str:
    """What values are compared by: case, Unicode form and white space make no difference."""
    folded = unicodedata.normalize("NFD", option_value(text)).casefold()
    return unicodedata.normalize("NFC", folded)
