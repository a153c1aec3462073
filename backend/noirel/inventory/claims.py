"""SQL statements that move stock for orders.

Each statement locks the stock rows of its variants in id order, changes them, and updates the catalogue's copy, so that rows of
variants in demand are locked for as short a time as possible.

    available --reserve--> reserved --sell--> committed --dispatch--> shipped (a movement, on hand decreases)
        ^------release--------+                  +-----write_off----> damaged (a movement, on hand decreases)
        ^------uncommit--------------------------+

The guard in the WHERE clause reads only the updated row, which PostgreSQL evaluates again after waiting for its lock, and
parameters of the caller. A guard over a join with a table or a subquery is not evaluated again and would oversell.
"""

import logging
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError

from noirel.catalog.services.availability import LOW_STOCK, UPDATE_AVAILABILITY, refresh_stock_flags
from noirel.core.db import prepared
from noirel.core.domain.ids import UUID7_SQL
from noirel.inventory.errors import OutOfStock

log = logging.getLogger(__name__)

NOT_OVERSOLD = "stock_not_oversold"
GUARD = "NOT s.is_tracked OR s.policy <> 'deny' OR s.on_hand - s.reserved - s.committed >= w.units"

# Updates the catalogue's copy of each changed row. was_available is the availability before the change.
_LEVELS = f"""
levels AS (
    SELECT variant_id, CASE WHEN is_tracked THEN available END AS quantity, on_hand, committed, policy,
        NOT is_tracked OR policy <> 'deny' OR available > 0 AS in_stock,
        is_tracked AND policy = 'deny' AND available BETWEEN 1 AND {LOW_STOCK} AS is_low,
        NOT is_tracked OR policy <> 'deny' OR was_available > 0 AS was_in_stock,
        is_tracked AND policy = 'deny' AND was_available BETWEEN 1 AND {LOW_STOCK} AS was_low
    FROM changed
),
{UPDATE_AVAILABILITY}
"""
_SELECT_UPDATED = f"{_LEVELS} SELECT variant_id, product_id, has_flipped FROM told"
_CHANGED = "s.variant_id, s.on_hand, s.committed, s.available, s.is_tracked, s.policy"

_CLAIM = f"""
WITH wanted AS (
    SELECT * FROM unnest(%s::bigint[], %s::int[]) AS t(id, units)
), locked AS MATERIALIZED (
    SELECT variant_id FROM inventory_stockitem WHERE variant_id = ANY(%s::bigint[]) ORDER BY variant_id FOR NO KEY UPDATE
), changed AS (
    UPDATE inventory_stockitem s
    SET reserved = s.reserved + CASE WHEN s.is_tracked THEN w.units ELSE 0 END, updated_at = now()
    FROM wanted w, locked l WHERE s.variant_id = w.id AND l.variant_id = w.id AND ({GUARD})
    RETURNING w.units, {_CHANGED}, s.available + w.units AS was_available
), kept AS (
    {{kept}}
), {_SELECT_UPDATED}
"""
_RESERVE = _CLAIM.format(
    kept="INSERT INTO inventory_reservation (item_id, reference, units, state, expires_at, created_at)"
    " SELECT variant_id, %s, units, 'held', %s, now() FROM changed WHERE is_tracked"
)
# Variants that are no longer tracked are not reserved, as in a new purchase.
_REHOLD = _CLAIM.format(
    kept="UPDATE inventory_reservation r SET state = 'held' FROM changed c"
    " WHERE r.reference = %s AND r.state = 'released' AND r.item_id = c.variant_id AND c.is_tracked"
    "), uncounted AS (DELETE FROM inventory_reservation r USING changed c"
    " WHERE r.reference = %s AND r.state = 'released' AND r.item_id = c.variant_id AND NOT c.is_tracked"
)

# Compare-and-set on the reservations, which change only under the lock of their order.
_SETTLE = f"""
WITH settled AS (
    UPDATE inventory_reservation SET {{settled}} WHERE reference = %s AND state = 'held' RETURNING item_id, units
), locked AS MATERIALIZED (
    SELECT variant_id FROM inventory_stockitem WHERE variant_id IN (SELECT item_id FROM settled)
    ORDER BY variant_id FOR NO KEY UPDATE
), changed AS (
    UPDATE inventory_stockitem s SET reserved = s.reserved - r.units, {{changed}} updated_at = now()
    FROM settled r, locked l WHERE s.variant_id = r.item_id AND l.variant_id = r.item_id
    RETURNING {_CHANGED}, s.available - {{freed}} AS was_available
), {_SELECT_UPDATED}
"""
_RELEASE = _SETTLE.format(settled="state = 'released'", changed="", freed="r.units")
_SELL = _SETTLE.format(settled="state = 'sold', committed = units", changed="committed = s.committed + r.units,", freed="0")

# Reduces what is committed to an order (%s) by units of each variant (%s, %s), or by as many as still are committed.
_SETTLE_COMMITTED = f"""
WITH due AS MATERIALIZED (
    SELECT r.id, r.item_id, least(w.units, r.committed) AS units
    FROM inventory_reservation r JOIN unnest(%s::bigint[], %s::int[]) AS w(id, units) ON w.id = r.item_id
    WHERE r.reference = %s AND r.state = 'sold' AND r.committed > 0 AND w.units > 0 FOR UPDATE OF r
), settled AS (
    UPDATE inventory_reservation r SET committed = r.committed - d.units {{settled}} FROM due d WHERE r.id = d.id
    RETURNING r.item_id, d.units
), locked AS MATERIALIZED (
    SELECT variant_id FROM inventory_stockitem WHERE variant_id IN (SELECT item_id FROM settled)
    ORDER BY variant_id FOR NO KEY UPDATE
), changed AS (
    UPDATE inventory_stockitem s SET committed = s.committed - r.units, {{changed}} updated_at = now()
    FROM settled r, locked l WHERE s.variant_id = r.item_id AND l.variant_id = r.item_id
    RETURNING r.units, {_CHANGED}, s.available - {{freed}} AS was_available
), {{moved}} {_LEVELS}
SELECT t.variant_id, t.product_id, t.has_flipped, c.units FROM told t JOIN changed c ON c.variant_id = t.variant_id
"""
_UNCOMMIT = _SETTLE_COMMITTED.format(settled=", released = r.released + d.units", changed="", freed="r.units", moved="")
_LEAVE = _SETTLE_COMMITTED.format(
    settled="",
    changed="on_hand = s.on_hand - r.units,",
    freed="0",
    moved="moved AS ("
    "INSERT INTO inventory_stockmovement (id, item_id, delta, reason, note, actor, reference, shipment, on_hand_after, at)"
    f" SELECT {UUID7_SQL}, variant_id, -units, %s, %s, %s, %s, %s::uuid, on_hand, now() FROM changed),",
)


def reserve(requested: Mapping[int, int], *, reference: str, expires_at: datetime | None) -> set[int]:
    """Reserve units of each variant and record the reservations. Returns the ids of the variants that had enough."""
    return _claim(_RESERVE, requested, reference, expires_at)


def rehold(requested: Mapping[int, int], *, reference: str) -> set[int]:
    """Reserve again what was released before. Returns the ids of the variants that had enough."""
    return _claim(_REHOLD, requested, reference, reference)


def release(reference: str) -> None:
    """Release the reserved units of an order."""
    refresh_stock_flags(prepared.execute(_RELEASE, reference))


def sell(reference: str) -> None:
    """Commit the reserved units of an order that was paid. They stay on hand until its parcels ship."""
    prepared.execute(_SELL, reference)


def uncommit(units: Mapping[int, int], *, reference: str) -> dict[int, int]:
    """Make committed units of an order available again. Returns the number of units by variant id, which may be fewer."""
    ids = sorted(units)
    rows = prepared.execute(_UNCOMMIT, ids, [units[id_] for id_ in ids], reference)
    refresh_stock_flags([row[:3] for row in rows])
    return {variant_id: count for variant_id, _, _, count in rows}


def leave(
    units: Mapping[int, int], *, reference: str, reason: str, movement: str, shipment: UUID | None, actor: str, note: str
) -> None:
    """Deduct committed units of an order from stock, with one movement per variant under the reference `movement`."""
    ids = sorted(units)
    counts = [units[id_] for id_ in ids]
    prepared.execute(_LEAVE, ids, counts, reference, reason, note, actor, movement, str(shipment) if shipment else None)


def _claim(statement: str, requested: Mapping[int, int], *values: object) -> set[int]:
    ids = sorted(requested)
    try:
        rows = prepared.execute(statement, ids, [requested[id_] for id_ in ids], ids, *values)
    except IntegrityError as error:
        # The CHECK constraint refused what the guard allowed. That is a bug, but for the buyer the variant is sold out.
        if NOT_OVERSOLD not in str(error):
            raise
        log.critical("the CHECK constraint prevented overselling %s: the guard has a bug", ids)
        raise OutOfStock(lines=[]) from error
    refresh_stock_flags(rows)
    return {variant_id for variant_id, _, _ in rows}
