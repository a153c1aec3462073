"""Units that are held for a purpose and no order yet, and how they pass to an order and back.

A pool is a reservation under a reference of its own (`drop:7`), made by services.reserve. Its units stay reserved while they
change hands, so nobody else can have them in between, and the stock row is not touched.
"""

from datetime import datetime

from django.db import connection

from noirel.catalog.models import Variant
from noirel.inventory.errors import OutOfStock
from noirel.inventory.models import Reservation


def allocate(pool: str, *, variant_id: int, units: int, reference: str, expires_at: datetime | None) -> None:
    """Pass units of a pool to an order, which may have had them before. Call in the order's transaction.

    Locks the pool's row until the commit; take it before stock rows. Raises OutOfStock when the pool has fewer.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE inventory_reservation SET units = CASE WHEN units > %(n)s THEN units - %(n)s ELSE units END,"
            " state = CASE WHEN units > %(n)s THEN state ELSE 'released' END"
            " WHERE reference = %(pool)s AND item_id = %(item)s AND state = 'held' AND units >= %(n)s",
            {"n": units, "pool": pool, "item": variant_id},
        )
        if not cursor.rowcount:
            sku = Variant.objects.values_list("sku", flat=True).get(pk=variant_id)
            left = Reservation.objects.filter(reference=pool, item_id=variant_id, state=Reservation.State.HELD).first()
            raise OutOfStock(lines=[{"sku": sku, "requested": units, "available": left.units if left else 0}])
        cursor.execute(
            "INSERT INTO inventory_reservation AS r (item_id, reference, units, state, expires_at, created_at)"
            " VALUES (%s, %s, %s, 'held', %s, now())"
            " ON CONFLICT (reference, item_id) DO UPDATE SET state = 'held', expires_at = excluded.expires_at",
            [variant_id, reference, units, expires_at],
        )


def return_allocation(pool: str, *, variant_id: int, reference: str) -> None:
    """Pass what an order holds of a variant back to the pool it came from; nothing, when it holds none. Locks both rows."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE inventory_reservation SET state = 'released' WHERE reference = %s AND item_id = %s AND state = 'held'"
            " RETURNING units",
            [reference, variant_id],
        )
        row = cursor.fetchone()
        if row:
            cursor.execute(
                "UPDATE inventory_reservation SET units = CASE WHEN state = 'held' THEN units + %s ELSE %s END, state = 'held'"
                " WHERE reference = %s AND item_id = %s",
                [row[0], row[0], pool, variant_id],
            )


def lock_allocation(pool: str) -> None:
    """Take the pool's rows before its stock: whoever empties it meets who takes from it here, and not halfway."""
    list(Reservation.objects.select_for_update().filter(reference=pool).order_by("item_id"))
