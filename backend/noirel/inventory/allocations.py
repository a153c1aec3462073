"""Allocations: units reserved for a purpose instead of an order, and their transfer to an order and back.

A pool is a reservation under a reference of its own (`drop:7`), made by services.reserve. Its units stay reserved while they
are transferred, so nobody else can buy them in between, and the stock row does not change.
"""

from datetime import datetime

from django.db import connection

from noirel.catalog.models import Variant
from noirel.inventory.errors import OutOfStock
from noirel.inventory.models import Reservation


def allocate(pool: str, *, variant_id: int, units: int, reference: str, expires_at: datetime | None) -> None:
    """Transfer units of a pool to an order. Call in the order's transaction.

    The order may have had units of the pool before. Locks the pool's row until the commit; call before locking stock rows.
    Raises OutOfStock if the pool has fewer units.
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
    """Return the units of a variant that an order holds to their pool; does nothing if it holds none. Locks both rows."""
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
    """Lock the rows of a pool. Call before locking stock, so that emptying a pool and allocating from it exclude each other."""
    list(Reservation.objects.select_for_update().filter(reference=pool).order_by("item_id"))
