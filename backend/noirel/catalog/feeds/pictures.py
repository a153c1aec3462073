"""Which file of a picture crawlers are told of."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings

_KINDS = {"jpeg": 2, "png": 2, "webp": 1}  # AVIF is no kind that merchants' listings take


def largest(picture: Mapping[str, Any]) -> str:
    """The address of the largest rendition of a kind that they take, of a Picture of the contract; empty without one."""
    fit = [r for r in picture["renditions"] if r["format"] in _KINDS]
    if not fit:
        return ""
    url = str(max(fit, key=lambda r: (_KINDS[r["format"]], r["width"]))["url"])
    return url if url.startswith(("http://", "https://")) else settings.PUBLIC_URL + url
