"""The statements that move stock for orders.

Each of them locks the stock rows of its variants in id order, changes them, and writes the catalogue's copy, all in one
statement: rows of variants in demand are locked for as short a time as possible.

    available --reserve--> reserved --sell--> committed --dispatch--> gone (a movement, on hand falls)
        ^------release--------+                  +-----write_off---> gone (a movement, on hand falls)
        ^------uncommit--------------------------+

The guard reads the row that is updated and nothing else. PostgreSQL looks at it again after it has waited for the lock; what it
joins to it (the units that are wanted) comes from the caller, and not from a table that could have changed meanwhile. A guard
over a join or a subquery is not looked at again: twenty buyers would get the last five bottles.
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

# Writes the catalogue's copy of each changed row. was_available: before the change.
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
_TELL = f"{_LEVELS} SELECT variant_id, product_id, has_flipped FROM told"
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
), {_TELL}
"""
_RESERVE = _CLAIM.format(
    kept="INSERT INTO inventory_reservation (item_id, reference, units, state, expires_at, created_at)"
    " SELECT variant_id, %s, units, 'held', %s, now() FROM changed WHERE is_tracked"
)
# What is not counted any more is held by nobody, as if it had been bought now.
_REHOLD = _CLAIM.format(
    kept="UPDATE inventory_reservation r SET state = 'held' FROM changed c"
    " WHERE r.reference = %s AND r.state = 'released' AND r.item_id = c.variant_id AND c.is_tracked"
    "), uncounted AS (DELETE FROM inventory_reservation r USING changed c"
    " WHERE r.reference = %s AND r.state = 'released' AND r.item_id = c.variant_id AND NOT c.is_tracked"
)

# Compare-and-set on the reservations themselves, which only their own order's owner of the lock changes.
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
), {_TELL}
"""
_RELEASE = _SETTLE.format(settled="state = 'released'", changed="", freed="r.units")
_SELL = _SETTLE.format(settled="state = 'sold', committed = units", changed="committed = s.committed + r.units,", freed="0")

# Takes units of each variant (%s, %s) off what is committed to an order (%s): as many of them as still are.
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


def reserve(wanted: Mapping[int, int], *, reference: str, expires_at: datetime | None) -> set[int]:
    """Claim units of each variant and write them down as held; the variants that had enough."""
    return _claimed(_RESERVE, wanted, reference, expires_at)


def rehold(wanted: Mapping[int, int], *, reference: str) -> set[int]:
    """Claim again what was let go of; the variants that had enough."""
    return _claimed(_REHOLD, wanted, reference, reference)


def release(reference: str) -> None:
    refresh_stock_flags(prepared.execute(_RELEASE, reference))


def sell(reference: str) -> None:
    """Held units are paid for: they stay on hand, committed to the order, until its parcels ship."""
    prepared.execute(_SELL, reference)


def uncommit(units: Mapping[int, int], *, reference: str) -> dict[int, int]:
    """Make units that are committed to an order available again; how many of each variant there were."""
    ids = sorted(units)
    rows = prepared.execute(_UNCOMMIT, ids, [units[id_] for id_ in ids], reference)
    refresh_stock_flags([row[:3] for row in rows])
    return {variant_id: count for variant_id, _, _, count in rows}


def leave(
    units: Mapping[int, int], *, reference: str, reason: str, movement: str, shipment: UUID | None, actor: str, note: str
) -> None:
    """Units that are committed to an order leave the building, with a movement each under the reference `movement`."""
    ids = sorted(units)
    counts = [units[id_] for id_ in ids]
    prepared.execute(_LEAVE, ids, counts, reference, reason, note, actor, movement, str(shipment) if shipment else None)


def _claimed(statement: str, wanted: Mapping[int, int], *values: object) -> set[int]:
    ids = sorted(wanted)
    try:
        rows = prepared.execute(statement, ids, [wanted[id_] for id_ in ids], ids, *values)
    except IntegrityError as error:
        # The guard let through what is not there: a bug of ours, but the buyer is only too late.
        if NOT_OVERSOLD not in str(error):
            raise
        log.critical("the schema refused to oversell %s: the guard has a bug", ids)
        raise OutOfStock(lines=[]) from error
    refresh_stock_flags(rows)
    return {variant_id for variant_id, _, _ in rows}
