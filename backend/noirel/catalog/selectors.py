"""Reads. A list and a page are a few statements, and no object per row."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import orjson
from django.conf import settings
from django.db import DataError, connection
from django.utils import timezone

from noirel.catalog.models import Attribute, Category, Collection
from noirel.catalog.moved import gone
from noirel.catalog.present import folded
from noirel.content.selectors import picture_json
from noirel.core import hot
from noirel.core.api.pagination import decode_cursor, encode_cursor
from noirel.core.editions import EDITION
from noirel.core.errors import FieldError, Invalid

NEW_FOR = timedelta(days=settings.NEW_FOR_DAYS)
# How alike a word must be to one of the product's to count as meant (pg_trgm's word similarity).
LIKENESS = 0.45


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list is asked for; amounts are in minor units, attributes by name with any of the values."""

    category: str = ""
    collection: str = ""
    q: str = ""
    sort: str = ""
    min_price: int | None = None
    max_price: int | None = None
    in_stock: bool | None = None
    badge: str = ""
    attributes: dict[str, list[str]] = field(default_factory=dict)
    limit: int = 24
    cursor: str = ""


ON_SHOW = (
    "p.status = 'active' AND p.published_at <= statement_timestamp()"
    " AND (p.unpublish_at IS NULL OR p.unpublish_at > statement_timestamp())"
)
VISIBLE = f"{ON_SHOW} AND p.is_listed"
# sort -> (key, direction); ties are broken by id in the same direction
_SORTS = {
    "newest": ("p.published_at", "DESC"),
    "best_selling": ("p.units_sold", "DESC"),
    "price": ("p.min_price_amount", "ASC"),
    "-price": ("p.min_price_amount", "DESC"),
}
SORTS = [*_SORTS, "relevance"]
# A cursor's key has the type of its column: of another one, it would be compared without the index.
_CASTS = {"p.published_at": "timestamptz", "p.units_sold": "int", "p.min_price_amount": "bigint", "ci.position": "int"}


@dataclass
class _Conditions:
    """SQL by the name of the facet that it belongs to, so that a facet can be counted without its own filter."""

    base: list[str] = field(default_factory=lambda: [VISIBLE])
    params: dict[str, Any] = field(default_factory=dict)
    by_facet: dict[str, str] = field(default_factory=dict)
    words: list[str] = field(default_factory=list)

    def where(self, *, without: str = "") -> str:
        return " AND ".join([*self.base, *(sql for name, sql in self.by_facet.items() if name != without)])


def _conditions(wanted: Wanted) -> _Conditions:
    c = _Conditions()
    c.params["new_since"] = timezone.now() - NEW_FOR
    if wanted.category:
        c.by_facet["category"] = """p.category_id IN (
            WITH RECURSIVE below AS (
                SELECT id FROM catalog_category WHERE slug = %(category)s
                UNION SELECT category_id FROM catalog_redirect WHERE kind = 'category' AND slug = %(category)s
                UNION SELECT child.id FROM catalog_category child JOIN below ON child.parent_id = below.id
            ) SELECT id FROM below)"""
        c.params["category"] = wanted.category
    if wanted.collection:
        c.params["collection"] = wanted.collection
        c.base.append(
            "p.id IN (SELECT i.product_id FROM catalog_collectionitem i JOIN catalog_collection k ON k.id = i.collection_id"
            " WHERE k.slug = %(collection)s)"
        )
    for at, word in enumerate(folded(wanted.q).split()[:8]):
        c.params[f"word{at}"] = word
        c.params[f"like{at}"] = _like(word)
        c.words.append(f"(p.search_text LIKE %(like{at})s OR word_similarity(%(word{at})s, p.search_text) >= {LIKENESS})")
    if wanted.min_price is not None:
        c.params["min_price"] = wanted.min_price
        c.by_facet["min_price"] = "p.max_price_amount >= %(min_price)s"
    if wanted.max_price is not None:
        c.params["max_price"] = wanted.max_price
        c.by_facet["max_price"] = "p.min_price_amount <= %(max_price)s"
    if wanted.in_stock is not None:
        c.base.append("p.in_stock" if wanted.in_stock else "NOT p.in_stock")
    if wanted.badge == "new":
        c.base.append("p.published_at >= %(new_since)s")
    if wanted.badge == "best_seller":
        c.base.append("p.is_best_seller")
    for name, values in wanted.attributes.items():
        c.params[f"attribute_{name}"] = [orjson.dumps({name: value}).decode() for value in values] + [
            orjson.dumps({name: [value]}).decode() for value in values
        ]
        c.by_facet[name] = f"p.attributes @> ANY(%(attribute_{name})s::jsonb[])"
    return c


def _like(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


# What a card or a page leaves open, and the document: see `document`.
CARD = "p.card, p.in_stock, p.published_at >= %(new_since)s, p.is_best_seller"
_TRUE = b"t"


def document(row: Sequence[bytes | None], *more: bytes) -> bytes:
    """A kept document (a row of `CARD`) with what changes without it in front; more: further members. Nothing is parsed."""
    text, in_stock, is_new, is_best_seller = row
    badges = b",".join(name for name, has in ((b'"new"', is_new), (b'"best_seller"', is_best_seller)) if has == _TRUE)
    open_ends = [b'"in_stock":%b' % (b"true" if in_stock == _TRUE else b"false"), b'"badges":[%b]' % badges, *more]
    kept = (text or b"{}")[1:]
    return b"{%b%b%b" % (b",".join(open_ends), b"" if kept == b"}" else b",", kept)


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a list: its cards as JSON, the cursor after them, and the edition of the catalogue they are of."""

    cards: list[bytes]
    next: str | None
    edition: bytes | None
    conditions: "_Conditions"


def listing(wanted: Wanted) -> Listing:
    """One statement, two for a search. Raises Invalid for a cursor that isn't ours."""
    c = _conditions(wanted)
    key, direction = _order(wanted, c)
    after = ""
    if wanted.cursor:
        value, last = decode_cursor(wanted.cursor, length=2)
        c.params |= {"cursor_key": str(value), "cursor_id": last}
        cast = _CASTS.get(key, "numeric")
        after = f" AND ({key}, p.id) {'<' if direction == 'DESC' else '>'} (%(cursor_key)s::{cast}, %(cursor_id)s::bigint)"
    if c.words:
        # Likeness is dear: weighed once here, not again for the list and for every facet.
        matching = " AND ".join([VISIBLE, *c.words])
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT p.id FROM catalog_product p WHERE {matching}", c.params)  # noqa: S608
            c.params["found"] = [found for (found,) in cursor.fetchall()]
        c.base.append("p.id = ANY(%(found)s)")
    try:
        rows = hot.raw(
            f"SELECT {EDITION}, p.id, ({key})::text, {CARD} FROM catalog_product p {_join(wanted)}"  # noqa: S608
            # The number is part of the text: a plan for "some number of rows" would be another one.
            f" WHERE {c.where()}{after} ORDER BY {key} {direction}, p.id {direction} LIMIT {wanted.limit + 1:d}",
            c.params,
        )
    except DataError as error:
        if wanted.cursor:
            raise Invalid(
                errors=[FieldError("cursor", "invalid", "This cursor is not one of ours. Begin without it.")]
            ) from error
        raise
    more = len(rows) > wanted.limit
    rows = rows[: wanted.limit]
    return Listing(
        cards=[document(row[3:]) for row in rows],
        next=encode_cursor([str(rows[-1][2], "utf-8"), int(rows[-1][1])]) if more else None,  # type: ignore[arg-type]
        edition=rows[0][0] if rows else None,
        conditions=c,
    )


def facets_of(listing: Listing, definitions: list[Attribute]) -> tuple[int, list[dict[str, Any]]]:
    """The total of a list, and its facets; one statement."""
    with connection.cursor() as cursor:
        return _facets(cursor, listing.conditions, [definition for definition in definitions if definition.is_facet])


def _join(wanted: Wanted) -> str:
    if not wanted.collection or wanted.sort:
        return ""
    return (
        "JOIN catalog_collectionitem ci ON ci.product_id = p.id"
        " JOIN catalog_collection co ON co.id = ci.collection_id AND co.slug = %(collection)s"
    )


def _order(wanted: Wanted, c: _Conditions) -> tuple[str, str]:
    """By what was asked; else a collection by its hand order, a search by relevance, anything by date."""
    if wanted.sort in _SORTS:
        return _SORTS[wanted.sort]
    if wanted.q:
        c.params["whole"] = folded(wanted.q)
        return "round((word_similarity(%(whole)s, p.search_text) + similarity(%(whole)s, lower(p.name)))::numeric, 4)", "DESC"
    if wanted.collection and not wanted.sort:
        return "ci.position", "ASC"
    return _SORTS["newest"]


def _facets(cursor: Any, c: _Conditions, definitions: list[Attribute]) -> tuple[int, list[dict[str, Any]]]:
    """The total, and each facet counted under all filters but its own. One statement."""
    parts = [f"SELECT '#total' AS facet, NULL AS value, NULL AS label, count(*) AS n FROM catalog_product p WHERE {c.where()}"]  # noqa: S608
    prices = " AND ".join([*c.base, *(sql for name, sql in c.by_facet.items() if name not in {"min_price", "max_price"})])
    for end, column in (("min", "min_price_amount"), ("max", "max_price_amount")):
        parts.append(f"SELECT '#{end}', max(p.currency), NULL, {end}(p.{column}) FROM catalog_product p WHERE {prices}")  # noqa: S608
    parts.append(
        "SELECT 'category', k.slug, k.name, count(*) FROM catalog_product p JOIN catalog_category k ON k.id = p.category_id"  # noqa: S608
        f" WHERE {c.where(without='category')} GROUP BY k.slug, k.name"
    )
    for at, definition in enumerate(definitions):
        c.params[f"facet{at}"] = definition.name
        value = f"p.attributes -> %(facet{at})s"
        parts.append(
            f"SELECT %(facet{at})s, v.value, v.value, count(*) FROM catalog_product p, LATERAL jsonb_array_elements_text("  # noqa: S608
            f"CASE WHEN jsonb_typeof({value}) = 'array' THEN {value} ELSE jsonb_build_array({value}) END) v(value)"
            f" WHERE p.attributes ? %(facet{at})s AND {c.where(without=definition.name)} GROUP BY v.value"
        )
    cursor.execute(" UNION ALL ".join(f"({part})" for part in parts), c.params)
    rows = cursor.fetchall()
    counted: dict[str, list[dict[str, Any]]] = {}
    ends: dict[str, dict[str, Any]] = {}
    total = 0
    for facet, value, label, n in rows:
        if facet == "#total":
            total = n
        elif facet.startswith("#"):
            if n is not None:
                ends[facet[1:]] = {"amount": n, "currency": value}
        else:
            counted.setdefault(facet, []).append({"value": value, "label": label[:1].upper() + label[1:], "count": n})
    labels = [("category", "Category"), *((d.name, d.label) for d in definitions)]
    facets: list[dict[str, Any]] = [
        {
            "name": name,
            "label": label,
            "values": sorted(counted.get(name, []), key=lambda v: (-v["count"], v["label"])),
            "min": None,
            "max": None,
        }
        for name, label in labels
    ]
    facets.append({"name": "price", "label": "Price", "values": [], "min": ends.get("min"), "max": ends.get("max")})
    return total, facets


def category_tree() -> list[dict[str, Any]]:
    """The roots with their children; product_count is of what can be seen, below included. Two statements."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT p.category_id, count(*) FROM catalog_product p WHERE {VISIBLE} GROUP BY 1")  # noqa: S608
        counts = dict(cursor.fetchall())
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


def category(slug: str) -> dict[str, Any]:
    """One of the tree, with the way to it. Raises NotFound, and Moved for an old address."""

    def find(rows: list[dict[str, Any]], trail: list[dict[str, Any]]) -> dict[str, Any] | None:
        for row in rows:
            here = [*trail, {"name": row["name"], "slug": row["slug"]}]
            if row["slug"] == slug:
                return row | {"breadcrumbs": here}
            if found := find(row["children"], here):
                return found
        return None

    found = find(category_tree(), [])
    if found is None:
        raise gone("category", slug)
    seo = Category.objects.filter(slug=slug).values_list("seo_title", "seo_description").first() or ("", "")
    return found | {"seo": {"title": seo[0] or found["name"], "description": seo[1] or found["story"]}}


def collections(slug: str = "") -> list[dict[str, Any]]:
    """All collections, or the one named. Two statements."""
    rows = list(Collection.objects.select_related("picture").filter(**({"slug": slug} if slug else {})))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT i.collection_id, count(*) FROM catalog_collectionitem i JOIN catalog_product p ON p.id = i.product_id"  # noqa: S608
            f" WHERE i.collection_id = ANY(%s) AND {VISIBLE} GROUP BY 1",
            [[row.pk for row in rows]],
        )
        counts = dict(cursor.fetchall())
    return [
        {
            "slug": row.slug,
            "name": row.name,
            "story": row.story,
            "product_count": counts.get(row.pk, 0),
            "image": picture_json(row.picture) if row.picture else None,
            "seo": {"title": row.seo_title or row.name, "description": row.seo_description or row.story},
        }
        for row in rows
    ]


def collection(slug: str) -> dict[str, Any]:
    """Raises NotFound, and Moved for an old address."""
    found = collections(slug)
    if not found:
        raise gone("collection", slug)
    return found[0]


def suggest(q: str) -> dict[str, Any]:
    """What somebody may mean who has typed this much. Two statements; tolerates typos."""
    text = folded(q)
    if not text:
        return {"products": [], "categories": [], "queries": []}
    params = {"q": text, "like": _like(text)}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT p.card FROM catalog_product p WHERE {VISIBLE}"  # noqa: S608
            f" AND (p.search_text LIKE %(like)s OR word_similarity(%(q)s, p.search_text) >= {LIKENESS})"
            " ORDER BY (lower(p.name) LIKE %(like)s) DESC, word_similarity(%(q)s, p.search_text) DESC,"
            " p.units_sold DESC, p.id LIMIT 6",
            params,
        )
        cards = [orjson.loads(card) for (card,) in cursor.fetchall()]
        cursor.execute(
            "SELECT slug, name FROM catalog_category WHERE lower(name) LIKE %(like)s"  # noqa: S608
            f" OR word_similarity(%(q)s, lower(name)) >= {LIKENESS} ORDER BY position LIMIT 4",
            params,
        )
        categories = [{"slug": slug, "name": name} for slug, name in cursor.fetchall()]
    notes = {
        note.lower()
        for card in cards
        for note in str(card["subtitle"]).replace(" and ", ",").split(",")
        if text in folded(note)
    }
    return {
        "products": [
            {
                "slug": card["slug"],
                "name": card["name"],
                "subtitle": card["subtitle"],
                "image": next(iter(card["images"]), None),
            }
            for card in cards
        ],
        "categories": categories,
        "queries": sorted(note.strip() for note in notes)[:4],
    }
