"""What inventory tells us of each variant, and what sales tell us of each product."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import F

from noirel.catalog.models import Product


@dataclass(frozen=True, slots=True)
class Availability:
    """quantity None: not tracked, can always be had."""

    quantity: int | None
    in_stock: bool
    on_hand: int = 0
    policy: str = "deny"


def set_availability(changes: Mapping[int, Availability]) -> None:
    """Write down, per variant id, how many can be had.

    Call in the transaction that moved the stock, after its rows are locked: that lock is what orders the writers here.
    One statement; a product's row is touched only when one of its variants sells out or comes back.
    """
    if not changes:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH told AS (
                SELECT * FROM unnest(%s::bigint[], %s::int[], %s::bool[], %s::text[], %s::int[])
                AS t(id, quantity, in_stock, policy, on_hand)
            ), before AS (
                SELECT v.id, v.product_id, v.in_stock FROM catalog_variant v WHERE v.id = ANY(%s)
            ), changed AS (
                UPDATE catalog_variant v SET available = t.quantity, in_stock = t.in_stock, policy = t.policy,
                    on_hand = t.on_hand, updated_at = now()
                FROM told t WHERE v.id = t.id RETURNING v.id
            ), flipped AS (
                SELECT DISTINCT b.product_id FROM before b JOIN told t ON t.id = b.id
                WHERE b.in_stock IS DISTINCT FROM t.in_stock
            )
            UPDATE catalog_product p SET updated_at = now(), in_stock =
                EXISTS (SELECT 1 FROM told t JOIN before b ON b.id = t.id WHERE b.product_id = p.id AND t.in_stock)
                OR EXISTS (SELECT 1 FROM catalog_variant o WHERE o.product_id = p.id AND o.in_stock AND o.id <> ALL(%s))
            WHERE p.id IN (SELECT product_id FROM flipped) AND (SELECT count(*) FROM changed) >= 0
            """,
            [
                list(changes),
                [change.quantity for change in changes.values()],
                [change.in_stock for change in changes.values()],
                [change.policy for change in changes.values()],
                [change.on_hand for change in changes.values()],
                list(changes),
                list(changes),
            ],
        )


def count_sales(payload: dict[str, Any]) -> None:
    """After order.paid: payload["units"] maps a product's slug to flacons sold. A repeat counts again, by a few at most."""
    for slug, units in (payload.get("units") or {}).items():
        Product.objects.filter(slug=slug).update(units_sold=F("units_sold") + units)
