"""The two statements that change what is held: each locks the rows of its variants in id order, changes them, and tells the
catalogue, in one go and therefore in the shortest time that others have to wait for a sought-after variant.

The guard reads the row that is updated and nothing else. PostgreSQL looks at it again after it has waited for the lock; what it
joins to it (the units that are wanted) comes from the caller, and not from a table that could have changed meanwhile. A guard
over a join or a subquery is not looked at again: twenty buyers would get the last five bottles.
"""

import logging
from collections.abc import Mapping
from datetime import datetime

from django.db import IntegrityError

from noirel.catalog.services.availability import LOW_STOCK, TOLD, present_flipped
from noirel.core import hot
from noirel.core.ids import UUID7_SQL
from noirel.inventory.errors import OutOfStock
from noirel.inventory.models import Reservation

log = logging.getLogger(__name__)

NOT_OVERSOLD = "stock_not_oversold"
GUARD = "NOT s.is_tracked OR s.policy <> 'deny' OR s.on_hand - s.reserved >= w.units"

# What the catalogue is to know of each changed row; was_available: before.
_TELL = f"""
levels AS (
    SELECT variant_id, CASE WHEN is_tracked THEN on_hand - reserved END AS quantity, on_hand, policy,
        NOT is_tracked OR policy <> 'deny' OR on_hand > reserved AS in_stock,
        is_tracked AND policy = 'deny' AND on_hand - reserved BETWEEN 1 AND {LOW_STOCK} AS is_low,
        NOT is_tracked OR policy <> 'deny' OR was_available > 0 AS was_in_stock,
        is_tracked AND policy = 'deny' AND was_available BETWEEN 1 AND {LOW_STOCK} AS was_low
    FROM changed
),
{TOLD}
SELECT variant_id, product_id, has_flipped FROM told
"""

_CLAIM = f"""
WITH wanted AS (
    SELECT * FROM unnest(%s::bigint[], %s::int[]) AS t(id, units)
), locked AS MATERIALIZED (
    SELECT variant_id FROM inventory_stockitem WHERE variant_id = ANY(%s::bigint[]) ORDER BY variant_id FOR NO KEY UPDATE
), changed AS (
    UPDATE inventory_stockitem s
    SET reserved = s.reserved + CASE WHEN s.is_tracked THEN w.units ELSE 0 END, updated_at = now()
    FROM wanted w, locked l WHERE s.variant_id = w.id AND l.variant_id = w.id AND ({GUARD})
    RETURNING s.variant_id, w.units, s.on_hand, s.reserved, s.is_tracked, s.policy,
        s.on_hand - s.reserved + w.units AS was_available
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
    UPDATE inventory_reservation SET state = '{{state}}' WHERE reference = %s AND state = 'held' RETURNING item_id, units
), locked AS MATERIALIZED (
    SELECT variant_id FROM inventory_stockitem WHERE variant_id IN (SELECT item_id FROM settled)
    ORDER BY variant_id FOR NO KEY UPDATE
), changed AS (
    UPDATE inventory_stockitem s SET reserved = s.reserved - r.units, on_hand = s.on_hand - {{sold}}, updated_at = now()
    FROM settled r, locked l WHERE s.variant_id = r.item_id AND l.variant_id = r.item_id
    RETURNING s.variant_id, r.units, s.on_hand, s.reserved, s.is_tracked, s.policy,
        s.on_hand - s.reserved - r.units + {{sold}} AS was_available
), {{moved}} {_TELL}
"""
_RELEASE = _SETTLE.format(state=Reservation.State.RELEASED, sold="0", moved="")
_SELL = _SETTLE.format(
    state=Reservation.State.SOLD,
    sold="r.units",
    moved="moved AS ("
    "INSERT INTO inventory_stockmovement (id, item_id, delta, reason, note, actor, reference, on_hand_after, at)"
    f" SELECT {UUID7_SQL}, variant_id, -units, 'sold', '', '', %s, on_hand, now() FROM changed),",
)


def reserve(wanted: Mapping[int, int], *, reference: str, expires_at: datetime | None) -> set[int]:
    """Claim units of each variant and write them down as held; the variants that had enough."""
    return _claimed(_RESERVE, wanted, reference, expires_at)


def rehold(wanted: Mapping[int, int], *, reference: str) -> set[int]:
    """Claim again what was let go of; the variants that had enough."""
    return _claimed(_REHOLD, wanted, reference, reference)


def release(reference: str) -> None:
    present_flipped(hot.run(_RELEASE, reference))


def sell(reference: str) -> None:
    """Held units leave the shelf, with a movement each; what is available stays the same."""
    hot.run(_SELL, reference, reference)


def _claimed(statement: str, wanted: Mapping[int, int], *values: object) -> set[int]:
    ids = sorted(wanted)
    try:
        rows = hot.run(statement, ids, [wanted[id_] for id_ in ids], ids, *values)
    except IntegrityError as error:
        # The guard let through what is not there: a bug of ours, but the buyer is only too late.
        if NOT_OVERSOLD not in str(error):
            raise
        log.critical("the schema refused to oversell %s: the guard has a bug", ids)
        raise OutOfStock(lines=[]) from error
    present_flipped(rows)
    return {variant_id for variant_id, _, _ in rows}
