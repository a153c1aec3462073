"""What can be seen, and the documents that go out: no object per row."""

import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from django.conf import settings

from noirel.catalog.models import Category, Collection
from noirel.catalog.read.redirects import redirect_or_not_found
from noirel.content.selectors import picture_json

NEW_FOR = timedelta(days=settings.NEW_FOR_DAYS)
ON_SHOW = (
    "p.status = 'active' AND p.published_at <= statement_timestamp()"
    " AND (p.unpublish_at IS NULL OR p.unpublish_at > statement_timestamp())"
)
VISIBLE = f"{ON_SHOW} AND p.is_listed"


def new_since() -> str:
    """What was published from then on is a new arrival; to the second, for a statement."""
    return _since_text(int(time.time()))


@lru_cache(2)
def _since_text(second: int) -> str:
    return (datetime.fromtimestamp(second, UTC) - NEW_FOR).isoformat()


# What a card or a page leaves open, and the document: see `document`. value: new_since.
CARD_COLUMNS = "p.card, p.in_stock, p.published_at >= %s::timestamptz, p.is_best_seller, p.is_on_sale, p.is_low_stock"
_BADGES = (b'"new"', b'"best_seller"', b'"sale"', b'"low_stock"')
_TRUE = b"t"


def document(row: Sequence[bytes | None], *more: bytes) -> bytes:
    """A kept document (a row of `CARD`) with what changes without it in front; more: further members. Nothing is parsed."""
    kept = (row[0] or b"{}")[1:]
    return b"%b%b%b" % (b",".join([_head(*row[1:]), *more]), b"" if kept == b"}" else b",", kept)


@lru_cache(64)  # of all there are
def _head(in_stock: bytes | None, *has: bytes | None) -> bytes:
    badges = b",".join(name for name, is_so in zip(_BADGES, has, strict=True) if is_so == _TRUE)
    return b'{"in_stock":%b,"badges":[%b]' % (b"true" if in_stock == _TRUE else b"false", badges)


def category_tree(counts: Mapping[int, int]) -> list[dict[str, Any]]:
    """The roots with their children; counts: what can be seen in each itself, product_count: below included. One statement."""
    below: dict[int | None, list[Category]] = {}
    for category in Category.objects.all():
        below.setdefault(category.parent_id, []).append(category)

    def told(category: Category) -> dict[str, Any]:
        children = [told(child) for child in below.get(category.pk, [])]
        own = counts.get(category.pk, 0)
        return {
            "slug": category.slug,
            "name": category.name,
            "story": category.story,
            "product_count": own + sum(child["product_count"] for child in children),
            "children": children,
        }

    return [told(root) for root in below.get(None, [])]


def category(slug: str, counts: Mapping[int, int]) -> dict[str, Any]:
    """One of the tree, with the way to it. Two statements. Raises NotFound, and Moved for an old address."""

    def find(rows: list[dict[str, Any]], trail: list[dict[str, Any]]) -> dict[str, Any] | None:
        for row in rows:
            here = [*trail, {"name": row["name"], "slug": row["slug"]}]
            if row["slug"] == slug:
                return row | {"breadcrumbs": here}
            if found := find(row["children"], here):
                return found
        return None

    found = find(category_tree(counts), [])
    if found is None:
        raise redirect_or_not_found("category", slug)
    seo = Category.objects.filter(slug=slug).values_list("seo_title", "seo_description").first() or ("", "")
    return found | {"seo": {"title": seo[0] or found["name"], "description": seo[1] or found["story"]}}


def collections(counts: Mapping[str, int], slug: str = "") -> list[dict[str, Any]]:
    """All collections, or the one named; counts: what can be seen of each. One statement."""
    rows = Collection.objects.select_related("picture").filter(**({"slug": slug} if slug else {}))
    return [
        {
            "slug": row.slug,
            "name": row.name,
            "story": row.story,
            "product_count": counts.get(row.slug, 0),
            "image": picture_json(row.picture) if row.picture else None,
            "seo": {"title": row.seo_title or row.name, "description": row.seo_description or row.story},
        }
        for row in rows
    ]


def collection(slug: str, counts: Mapping[str, int]) -> dict[str, Any]:
    """Raises NotFound, and Moved for an old address."""
    found = collections(counts, slug)
    if not found:
        raise redirect_or_not_found("collection", slug)
    return found[0]
