"""Surrogate keys: names of what a response contains, by which a CDN can purge it."""

from urllib.parse import quote

from django.conf import settings

# LISTS is on every list, tree, suggestion and feed. PAGES is on every product page, to purge them all when many have changed.
LISTS = "catalogue"
PAGES = "pages"


def encoded(name: str) -> str:
    """A name as it can be sent in a header: non-ASCII slugs are percent-encoded."""
    return name if name.isascii() else quote(name, safe=" :")


def header(names: str) -> tuple[str, str]:
    """Return the header (name, value) for space-separated names. The header's name is set by SURROGATE_HEADER."""
    value = encoded(names)
    # Cloudflare separates tags by commas and removes spaces (its documentation, "Purge cache by cache-tags").
    return settings.SURROGATE_HEADER, value.replace(" ", ",") if settings.SURROGATE_HEADER.lower() == "cache-tag" else value
