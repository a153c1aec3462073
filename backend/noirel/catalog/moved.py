"""Old addresses: what had one lives somewhere else now."""

from typing import Literal
from urllib.parse import quote

from noirel.catalog.models import Redirect
from noirel.core.errors import Moved, NotFound

Kind = Literal["product", "category", "collection"]
_PLACES = {"product": "products", "category": "categories", "collection": "collections"}


def gone(kind: Kind, slug: str) -> Moved | NotFound:
    """What to raise when nothing lives there: Moved with the address of today, else NotFound. One statement."""
    now = Redirect.objects.filter(kind=kind, slug=slug).values_list(f"{kind}__slug", flat=True).first()
    if now is None:
        return NotFound(f"There is no such {kind}.")
    return Moved(location=f"/api/v1/{_PLACES[kind]}/{quote(now)}", moved_to=now)
