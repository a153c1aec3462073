"""The names by which a shared cache knows what is in an answer, and can be told to forget it."""

from urllib.parse import quote

from django.conf import settings

# All lists, trees, suggestions and feeds; and all pages, for when too many have changed to name each of them.
LISTS = "catalogue"
PAGES = "pages"


def encoded(name: str) -> str:
    """A name as it can stand in a header: a slug in Hindi is written as in an address."""
    return name if name.isascii() else quote(name, safe=" :")


def header(names: str) -> tuple[str, str]:
    """The header that says these names, which blanks are between."""
    told = encoded(names)
    # Cloudflare's has commas, and takes blanks out (its documentation, "Purge cache by cache-tags").
    return settings.SURROGATE_HEADER, told.replace(" ", ",") if settings.SURROGATE_HEADER.lower() == "cache-tag" else told
