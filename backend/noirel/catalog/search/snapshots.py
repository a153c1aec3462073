"""The columns that this process has, read from the database and brought up to date.

Nothing of them is older than the answer may be: whoever has made a list out of them reads the cards with the edition they are
of; is it another one, the columns are brought up to date first (`renewed`), by the rows that triggers have written to
`catalog_change`, and the list is made again.
"""

import threading
import time
from dataclasses import replace
from typing import Any

import numpy as np
import orjson
from django.db import connection, transaction

from noirel.catalog.present import tokens
from noirel.catalog.search.arrays import Ints, ints, narrow, rows, words
from noirel.catalog.search.columns import EPOCH, Columns, Definition, Frame, Place
from noirel.catalog.search.facets import Facet
from noirel.catalog.search.memory import Memory
from noirel.core.asking import NotAtHand
from noirel.core.editions import EDITION

# Rows of `catalog_change` are kept for an hour (`forget_changes`): who has not asked for so long begins anew.
_STALE_SECONDS = 1800.0
# What the clock or a sale changes is no edition: it is read so often at least.
_LOOK_AGAIN_SECONDS = 15.0
# So many changed products are read with all the others.
_MOST_CHANGES = 20_000
_STATE = f"SELECT {EDITION}, pg_snapshot_xmin(pg_current_snapshot())::text, array[clock_timestamp()]"
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
# As text, whatever they are in JSON: what a query string can ask for. What is told of each variant is its options too.
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
    """Read everything, or what has changed since `before`. In one snapshot, unless the caller is in a transaction already."""
    read_at = time.monotonic()
    if connection.in_atomic_block:
        return _read(None, read_at)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        return _read(before, read_at)


def _read(before: Columns | None, read_at: float) -> Columns:
    ((edition, horizon, clock),) = rows(_STATE, {})
    state: dict[str, Any] = {
        "edition": edition, "horizon": int(words(horizon)), "read_at": read_at,
        "clock": int(ints(clock)[0]) / 1_000_000 + EPOCH - time.time(),
    }  # fmt: skip
    if before is None or read_at - before.read_at > _STALE_SECONDS:
        return _everything(state)
    changes = {words(kind): ints(ids) for kind, ids in rows(_CHANGES, {"horizon": str(before.horizon)})}
    changed = changes.get("product", np.empty(0, np.int64))
    if changes.keys() & {"everything", "attributes"} or len(changed) > _MOST_CHANGES:
        return _everything(state)
    if changes.keys() & {"frame", "boosts", "synonyms"}:
        state["frame"] = _frame()
    if "collection" in changes:
        gone = set(changes["collection"].tolist())
        # A copy first, in one step: another thread may be holding another one (`hold`) meanwhile.
        state["collections"] = {number: held for number, held in dict(before.collections).items() if number not in gone}
    if changes.keys() & {"words", "synonyms"}:
        state["found"] = Memory()
    if len(changed):
        state |= _patched(before, changed)
    return replace(before, **state)


def _everything(state: dict[str, Any]) -> Columns:
    products = _products("true", {})
    return Columns(**state, **products, facets=_facets(products["ids"], "true", {}), frame=_frame())


def _products(which: str, values: dict[str, Any]) -> dict[str, Any]:
    (found,) = rows(_PRODUCTS.format(which=which), values)
    ids, shown, begins, ends, category, low, high, in_stock, best, sold, currency = (ints(column) for column in found)
    return {
        "ids": ids, "shown": shown.astype(bool), "begins": begins, "ends": ends, "category": narrow(category),
        "low": narrow(low), "high": narrow(high), "in_stock": in_stock.astype(bool), "best": best.astype(bool),
        "sold": narrow(sold), "currency": narrow(currency),
        "currencies": [int(code).to_bytes(3, "big").decode("ascii") for code in np.unique(currency)],
    }  # fmt: skip


def _facets(ids: Ints, which: str, values: dict[str, Any]) -> dict[str, Facet]:
    told: dict[str, list[tuple[str, Ints]]] = {}
    for name, value, members in rows(_VALUES.format(which=which), values):
        told.setdefault(words(name), []).append((words(value), np.searchsorted(ids, np.unique(ints(members)))))
    return {
        name: Facet(
            [value for value, _ in pairs],
            np.concatenate([slots for _, slots in pairs]).astype(np.int32),
            np.cumsum([0, *(len(slots) for _, slots in pairs)]),
        )
        for name, pairs in told.items()
    }


_ARRAYS = ("ids", "shown", "begins", "ends", "category", "low", "high", "in_stock", "best", "sold", "currency")


def _patched(before: Columns, changed: Ints) -> dict[str, Any]:
    """Its arrays with these products as they are now; those that are gone leave them."""
    which = {"ids": changed.tolist()}
    own = _products("p.id = ANY(%(ids)s)", which)
    stays = ~np.isin(before.ids, changed)
    merged = np.concatenate([before.ids[stays], own["ids"]])
    order = np.argsort(merged, kind="stable")
    made: dict[str, Any] = {
        name: np.concatenate([getattr(before, name)[stays], own[name]])[order] for name in _ARRAYS
    } | {"rankings": {}}  # fmt: skip
    made["currencies"] = sorted({*before.currencies, *own["currencies"]})
    now_at = np.full(len(before.ids), -1)
    now_at[stays] = np.searchsorted(made["ids"], before.ids[stays])
    new = _facets(made["ids"], "p.id = ANY(%(ids)s)", which)
    facets = {}
    for name in before.facets.keys() | new.keys():
        old, more = before.facets.get(name, _NONE), new.get(name, _NONE)
        slots = now_at[old.slots]
        kept = slots >= 0
        names = list(dict.fromkeys([*old.names, *more.names]))
        place = {value: at for at, value in enumerate(names)}
        renamed = np.array([place[value] for value in more.names], np.int64)
        facets[name] = Facet.of(
            names,
            np.concatenate([slots[kept], more.slots]),
            np.concatenate([old.values[kept], renamed[more.values] if len(more.values) else more.values]),
        )
    return made | {"facets": facets}


_NONE = Facet([], np.empty(0, np.int32), np.zeros(1, np.int64))


def _frame() -> Frame:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, slug, name, coalesce(parent_id, 0) FROM catalog_category ORDER BY position, id")
        categories = {row[0]: Place(*row) for row in cursor.fetchall()}
        cursor.execute("SELECT slug, category_id FROM catalog_redirect WHERE kind = 'category'")
        old = dict(cursor.fetchall())
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
    return Frame(categories, old, collections, definitions, boosts, synonyms)


_kept: Columns | None = None
_renewing = threading.Lock()


def current() -> Columns:
    """What this process has; it may have to be renewed. In a transaction: what that transaction sees."""
    if connection.in_atomic_block:
        return _snapshot(None)
    if _kept is None or time.monotonic() - _kept.read_at > _LOOK_AGAIN_SECONDS:
        return renewed(time.monotonic())
    return _kept


def at_hand() -> Columns:
    """What this process has, if it need not be renewed by the clock. Raises NotAtHand, now or when something is to be asked."""
    if _kept is None or time.monotonic() - _kept.read_at > _LOOK_AGAIN_SECONDS:
        raise NotAtHand
    return _kept.at_hand


def renewed(since: float) -> Columns:
    """As it was at `since` (time.monotonic()) or later. One thread reads; the others wait for it."""
    global _kept
    if connection.in_atomic_block:
        return _snapshot(None)
    with _renewing:
        if _kept is None or _kept.read_at < since:
            _kept = _snapshot(_kept)
        return _kept


def forget() -> None:
    """Begin anew: what was read is of another database (tests)."""
    global _kept
    with _renewing:
        _kept = None
