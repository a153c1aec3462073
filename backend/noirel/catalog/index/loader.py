"""Loads the columns of the catalogue index and keeps them up to date.

A list is never older than promised: its cards are read together with the catalogue's version, and if that differs from the
columns' version, the columns are updated (`refresh`) from the rows that triggers have written to `catalog_change`, and the list
is made again (listing.read_current).
"""

import threading
import time
from dataclasses import replace
from typing import Any

import numpy as np
import orjson
from django.db import connection, transaction

from noirel.catalog.index.arrays import Ints, binary_rows, narrow, to_ints, to_text
from noirel.catalog.index.columns import EPOCH, CategoryNode, Columns, Definition, Taxonomy
from noirel.catalog.index.facets import Facet
from noirel.catalog.index.lru import LRUCache
from noirel.catalog.text import tokens
from noirel.core.cache.versions import VERSION_SQL
from noirel.core.db.queries import NotCached

# Rows of `catalog_change` are deleted after an hour. Columns older than half of that are loaded from scratch.
_STALE_SECONDS = 1800.0
# Time and sales don't increase the catalogue's version, so the columns are refreshed at least this often.
_REFRESH_SECONDS = 15.0
# If more products have changed, everything is loaded again.
_MAX_INCREMENTAL_CHANGES = 20_000
_STATE = f"SELECT {VERSION_SQL}, pg_snapshot_xmin(pg_current_snapshot())::text, array[clock_timestamp()]"
_CHANGES = """
SELECT kind, array_agg(DISTINCT coalesce(id, 0)) FROM catalog_change WHERE at >= %(horizon)s::text::xid8 GROUP BY kind
"""
_PRODUCTS = """
SELECT array_agg(id), array_agg(shown), array_agg(begins), array_agg(ends), array_agg(category), array_agg(low),
    array_agg(high), array_agg(in_stock), array_agg(best), array_agg(sold), array_agg(currency)
FROM (
    SELECT p.id, (p.status = 'active' AND p.is_listed)::int::bigint AS shown,
        coalesce(p.published_at, 'infinity') AS begins, coalesce(p.unpublish_at, 'infinity') AS ends,
        coalesce(p.category_id, 0) AS category, p.min_price_amount AS low, p.max_price_amount AS high,
        p.in_stock::int::bigint AS in_stock, p.is_best_seller::int::bigint AS best, p.units_sold::bigint AS sold,
        ascii(substr(p.currency, 1, 1)) * 65536 + ascii(substr(p.currency, 2, 1)) * 256::bigint
            + ascii(substr(p.currency, 3, 1)) AS currency
    FROM catalog_product p WHERE {which} ORDER BY p.id
) p
"""
# Values as text, whatever their JSON type, because query strings contain text. Attributes of variants include their options.
_VALUES = """
WITH told AS (
    SELECT p.id, a.name, p.attributes->a.name AS told FROM catalog_attribute a
    JOIN catalog_product p ON p.attributes ? a.name AND {which} WHERE a.is_facet AND NOT a.is_of_variant
    UNION ALL
    SELECT p.id, t.name, t.told
    FROM (SELECT product_id AS id, options || attributes AS told FROM catalog_variant WHERE archived_at IS NULL) p
    CROSS JOIN LATERAL jsonb_each(p.told) t(name, told)
    JOIN catalog_attribute a ON a.name = t.name AND a.is_facet AND a.is_of_variant
    WHERE {which} AND EXISTS (SELECT FROM catalog_attribute WHERE is_facet AND is_of_variant)
)
SELECT t.name, v.value, array_agg(t.id) FROM told t
CROSS JOIN LATERAL jsonb_array_elements_text(
    CASE jsonb_typeof(t.told) WHEN 'array' THEN t.told WHEN 'object' THEN '[]' ELSE jsonb_build_array(t.told) END) v(value)
GROUP BY 1, 2
"""


def _snapshot(before: Columns | None) -> Columns:
    """Load everything, or what has changed since `before`, in one snapshot unless the caller is already in a transaction."""
    read_at = time.monotonic()
    if connection.in_atomic_block:
        return _read(None, read_at)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        return _read(before, read_at)


def _read(before: Columns | None, read_at: float) -> Columns:
    ((version, horizon, clock),) = binary_rows(_STATE, {})
    state: dict[str, Any] = {
        "version": version, "horizon": int(to_text(horizon)), "read_at": read_at,
        "clock_offset": int(to_ints(clock)[0]) / 1_000_000 + EPOCH - time.time(),
    }  # fmt: skip
    if before is None or read_at - before.read_at > _STALE_SECONDS:
        return _load_all(state)
    changes = {to_text(kind): to_ints(ids) for kind, ids in binary_rows(_CHANGES, {"horizon": str(before.horizon)})}
    changed = changes.get("product", np.empty(0, np.int64))
    if changes.keys() & {"everything", "attributes"} or len(changed) > _MAX_INCREMENTAL_CHANGES:
        return _load_all(state)
    if changes.keys() & {"frame", "boosts", "synonyms"}:
        state["taxonomy"] = _load_taxonomy()
    if "collection" in changes:
        stale = set(changes["collection"].tolist())
        # dict() copies atomically; another thread may be adding a collection (load_collections).
        state["collections"] = {id_: members for id_, members in dict(before.collections).items() if id_ not in stale}
    if changes.keys() & {"words", "synonyms"}:
        state["search_cache"] = LRUCache()
    if len(changed):
        state |= _apply_changes(before, changed)
    return replace(before, **state)


def _load_all(state: dict[str, Any]) -> Columns:
    products = _load_products("true", {})
    return Columns(**state, **products, facets=_load_facets(products["ids"], "true", {}), taxonomy=_load_taxonomy())


def _load_products(which: str, values: dict[str, Any]) -> dict[str, Any]:
    (row,) = binary_rows(_PRODUCTS.format(which=which), values)
    ids, listed, published, unpublish, category, low, high, in_stock, best, sold, currency = (to_ints(column) for column in row)
    return {
        "ids": ids, "is_listed": listed.astype(bool), "published_at": published, "unpublish_at": unpublish,
        "category": narrow(category), "min_price": narrow(low), "max_price": narrow(high), "in_stock": in_stock.astype(bool),
        "is_best_seller": best.astype(bool), "units_sold": narrow(sold), "currency": narrow(currency),
        "currencies": [int(code).to_bytes(3, "big").decode("ascii") for code in np.unique(currency)],
    }  # fmt: skip


def _load_facets(ids: Ints, which: str, values: dict[str, Any]) -> dict[str, Facet]:
    values_by_name: dict[str, list[tuple[str, Ints]]] = {}
    for name, value, members in binary_rows(_VALUES.format(which=which), values):
        values_by_name.setdefault(to_text(name), []).append((to_text(value), np.searchsorted(ids, np.unique(to_ints(members)))))
    return {
        name: Facet(
            [value for value, _ in pairs],
            np.concatenate([slots for _, slots in pairs]).astype(np.int32),
            np.cumsum([0, *(len(slots) for _, slots in pairs)]),
        )
        for name, pairs in values_by_name.items()
    }


_ARRAYS = (
    "ids", "is_listed", "published_at", "unpublish_at", "category", "min_price", "max_price", "in_stock", "is_best_seller",
    "units_sold", "currency",
)  # fmt: skip


def _apply_changes(before: Columns, changed: Ints) -> dict[str, Any]:
    """The arrays of `before` with these products replaced by their present state, or removed if deleted."""
    parameters = {"ids": changed.tolist()}
    reloaded = _load_products("p.id = ANY(%(ids)s)", parameters)
    is_unchanged = ~np.isin(before.ids, changed)
    merged = np.concatenate([before.ids[is_unchanged], reloaded["ids"]])
    order = np.argsort(merged, kind="stable")
    result: dict[str, Any] = {
        name: np.concatenate([getattr(before, name)[is_unchanged], reloaded[name]])[order] for name in _ARRAYS
    } | {"rankings": {}}  # fmt: skip
    result["currencies"] = sorted({*before.currencies, *reloaded["currencies"]})
    new_slots = np.full(len(before.ids), -1)
    new_slots[is_unchanged] = np.searchsorted(result["ids"], before.ids[is_unchanged])
    new = _load_facets(result["ids"], "p.id = ANY(%(ids)s)", parameters)
    facets = {}
    for name in before.facets.keys() | new.keys():
        old, added = before.facets.get(name, _EMPTY_FACET), new.get(name, _EMPTY_FACET)
        slots = new_slots[old.slots]
        is_kept = slots >= 0
        names = list(dict.fromkeys([*old.names, *added.names]))
        index_by_name = {value: index for index, value in enumerate(names)}
        new_indexes = np.array([index_by_name[value] for value in added.names], np.int64)
        facets[name] = Facet.from_pairs(
            names,
            np.concatenate([slots[is_kept], added.slots]),
            np.concatenate([old.values[is_kept], new_indexes[added.values] if len(added.values) else added.values]),
        )
    return result | {"facets": facets}


_EMPTY_FACET = Facet([], np.empty(0, np.int32), np.zeros(1, np.int64))


def _load_taxonomy() -> Taxonomy:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, slug, name, coalesce(parent_id, 0) FROM catalog_category ORDER BY position, id")
        categories = {row[0]: CategoryNode(*row) for row in cursor.fetchall()}
        cursor.execute("SELECT slug, category_id FROM catalog_redirect WHERE kind = 'category'")
        redirected = dict(cursor.fetchall())
        cursor.execute("SELECT slug, id FROM catalog_collection")
        collections = dict(cursor.fetchall())
        cursor.execute("SELECT name, label, is_facet FROM catalog_attribute ORDER BY position, id")
        definitions = [Definition(*row) for row in cursor.fetchall()]
        cursor.execute("SELECT query, product_id, weight::float8 FROM catalog_boost")
        boosts: dict[str, list[tuple[int, float]]] = {}
        for query, product, weight in cursor.fetchall():
            boosts.setdefault(query, []).append((product, weight))
        cursor.execute("SELECT terms FROM catalog_synonym ORDER BY id")
        synonyms = [[tokens(term) for term in orjson.loads(terms)] for (terms,) in cursor.fetchall()]
    return Taxonomy(categories, redirected, collections, definitions, boosts, synonyms)


_current: Columns | None = None
_refresh_lock = threading.Lock()


def current() -> Columns:
    """The columns of this process, which a caller may have to refresh. In a transaction, a snapshot of what it sees."""
    if connection.in_atomic_block:
        return _snapshot(None)
    if _current is None or time.monotonic() - _current.read_at > _REFRESH_SECONDS:
        return refresh(time.monotonic())
    return _current


def current_if_cached() -> Columns:
    """The columns of this process as a view that never queries the database. Raises NotCached if they are due for a refresh."""
    if _current is None or time.monotonic() - _current.read_at > _REFRESH_SECONDS:
        raise NotCached
    return _current.cached_only


def refresh(since: float) -> Columns:
    """Return columns read at `since` (time.monotonic()) or later. One thread reads while the others wait for it."""
    global _current
    if connection.in_atomic_block:
        return _snapshot(None)
    with _refresh_lock:
        if _current is None or _current.read_at < since:
            _current = _snapshot(_current)
        return _current


def reset() -> None:
    """Discard the columns. For tests, which change the database."""
    global _current
    with _refresh_lock:
        _current = None
