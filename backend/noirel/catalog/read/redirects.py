"""Redirects from the former slugs of products, categories and collections."""

from typing import Literal
from urllib.parse import quote

from django.db.models import Q
from django.db.models.functions import Now

from noirel.catalog.models import Category, Collection, Product, Redirect
from noirel.core.domain.errors import Moved, NotFound
from noirel.core.slugs import as_slug

Kind = Literal["product", "category", "collection"]
_PATHS = {"product": "products", "category": "categories", "collection": "collections"}
_MODELS: dict[Kind, type[Product] | type[Category] | type[Collection]] = {
    "product": Product,
    "category": Category,
    "collection": Collection,
}


def redirect_or_not_found(kind: Kind, slug: str) -> Moved | NotFound:
    """The error to raise for a slug that no row has: Moved with the current slug, else NotFound.

    Another spelling of a slug (capitals, another Unicode form) redirects to it, like a former slug does; only that takes more
    than one query. Products that aren't published are never redirected to, since that would disclose their slug.
    """
    current = _redirect_target(kind, slug)
    if current is None and (canonical := as_slug(slug)) not in {"", slug}:
        current = _published_slug(kind, canonical) or _redirect_target(kind, canonical)
    if current is None:
        return NotFound(f"There is no such {kind}.")
    return Moved(location=f"/api/v1/{_PATHS[kind]}/{quote(current)}", moved_to=current)


def _redirect_target(kind: Kind, slug: str) -> str | None:
    rows = Redirect.objects.filter(kind=kind, slug=slug)
    if kind == "product":
        rows = rows.filter(_is_published("product__"))
    return rows.values_list(f"{kind}__slug", flat=True).first()


def _published_slug(kind: Kind, slug: str) -> str | None:
    rows = _MODELS[kind]._default_manager.filter(slug=slug)
    if kind == "product":
        rows = rows.filter(_is_published(""))
    return rows.values_list("slug", flat=True).first()


def _is_published(prefix: str) -> Q:
    is_not_over = Q(**{f"{prefix}unpublish_at": None}) | Q(**{f"{prefix}unpublish_at__gt": Now()})
    return is_not_over & Q(**{f"{prefix}status": "active", f"{prefix}published_at__lte": Now()})
