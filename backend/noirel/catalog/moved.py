"""Old addresses: what had one lives somewhere else now."""

from typing import Literal
from urllib.parse import quote

from django.db.models import Q
from django.db.models.functions import Now

from noirel.catalog.models import Redirect
from noirel.core.errors import Moved, NotFound

Kind = Literal["product", "category", "collection"]
_PLACES = {"product": "products", "category": "categories", "collection": "collections"}


def gone(kind: Kind, slug: str) -> Moved | NotFound:
    """What to raise when nothing lives there: Moved with the address of today, else NotFound. One statement.

    A product that is not on show has no address yet, or any more: what it is called now is nobody's business.
    """
    rows = Redirect.objects.filter(kind=kind, slug=slug)
    if kind == "product":
        stays = Q(product__unpublish_at=None) | Q(product__unpublish_at__gt=Now())
        rows = rows.filter(stays, product__status="active", product__published_at__lte=Now())
    now = rows.values_list(f"{kind}__slug", flat=True).first()
    if now is None:
        return NotFound(f"There is no such {kind}.")
    return Moved(location=f"/api/v1/{_PLACES[kind]}/{quote(now)}", moved_to=now)
