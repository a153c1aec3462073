"""What inventory tells us of each variant, and what sales tell us of each product."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from noirel.catalog.models import CountedSale, Product, Redirect, SoldUnits, Variant
from noirel.catalog.purchasable import PURCHASABLE, is_purchasable
from noirel.catalog.services.collections import update_membership


@dataclass(frozen=True, slots=True)
class Availability:
    """quantity None: not tracked, can always be had."""

    quantity: int | None
    in_stock: bool
    on_hand: int = 0
    policy: str = "deny"
    committed: int = 0


LOW_STOCK = 3  # units of a variant: so few are worth saying
# Of a variant's row; a former one is compared with what it is now.
_IS_LOW = f"coalesce({{0}}.in_stock AND {{0}}.policy = 'deny' AND {{0}}.available <= {LOW_STOCK}, false)"
# Of a product `p`.
_OF_PRODUCT = f"""
(SELECT coalesce(bool_or({PURCHASABLE.format("v")}), false),
        coalesce(bool_and({_IS_LOW.format("v")}) FILTER (WHERE {PURCHASABLE.format("v")}), false)
    FROM catalog_variant v WHERE v.product_id = p.id AND v.archived_at IS NULL)"""  # noqa: S608


def is_low(variant: Variant) -> bool:
    """Whether it can be bought, and only a few times."""
    limited = is_purchasable(variant) and variant.policy == "deny" and variant.available is not None
    return limited and (variant.available or 0) <= LOW_STOCK


# For a statement that knows the new `levels` (variant_id, quantity, in_stock, is_low, policy, on_hand, committed; was_in_stock,
# was_low):
# a CTE that writes them down. Its rows are for `present_flipped`. What was is the writer's to know: what the statement itself
# could read of the catalogue may be older than the lock it waited for.
UPDATE_AVAILABILITY = """
told AS (
    UPDATE catalog_variant v SET available = l.quantity, in_stock = l.in_stock, policy = l.policy, on_hand = l.on_hand,
        committed = l.committed, updated_at = now()
    FROM levels l WHERE v.id = l.variant_id
    RETURNING l.variant_id, v.product_id, (l.in_stock, l.is_low) <> (l.was_in_stock, l.was_low) AS has_flipped
)"""


def set_availability(changes: Mapping[int, Availability]) -> None:
    """Write down, per variant id, how many can be had.

    Call in the transaction that moved the stock, after its rows are locked: that lock is what orders the writers here.
    One statement, and three more when a variant sells out, comes back, or only a few are left: only then a product's row is
    locked, in id order.
    """
    if not changes:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH told AS (
                SELECT * FROM unnest(%s::bigint[], %s::int[], %s::bool[], %s::text[], %s::int[], %s::int[])
                AS t(id, quantity, in_stock, policy, on_hand, committed)
            ), before AS (
                SELECT v.id, v.in_stock, {_IS_LOW.format("v")} AS is_low FROM catalog_variant v JOIN told t ON t.id = v.id
            )
            UPDATE catalog_variant v SET available = t.quantity, in_stock = t.in_stock, policy = t.policy,
                on_hand = t.on_hand, committed = t.committed, updated_at = now()
            FROM told t, before b WHERE v.id = t.id AND b.id = t.id
            RETURNING v.id, v.product_id, (b.in_stock, b.is_low) <> (v.in_stock, {_IS_LOW.format("v")})
            """,  # noqa: S608
            [
                list(changes),
                [change.quantity for change in changes.values()],
                [change.in_stock for change in changes.values()],
                [change.policy for change in changes.values()],
                [change.on_hand for change in changes.values()],
                [change.committed for change in changes.values()],
            ],
        )
        rows = cursor.fetchall()
    refresh_stock_flags(rows)


def refresh_stock_flags(rows: Iterable[Sequence[Any]]) -> None:
    """Write on products whether any of their variants can be had, and only a few times, after that has changed for some.

    rows: (variant id, product id, has flipped). Locks the products concerned, in id order.
    """
    flipped = sorted({product_id for _, product_id, has_flipped in rows if has_flipped})
    if not flipped:
        return
    with connection.cursor() as cursor:
        # Lock, then read in a statement of its own: a subquery inside the update would still see the other variants as
        # they were before we waited, and two that sell out at once would each leave the product in stock.
        cursor.execute("SELECT 1 FROM catalog_product WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", [flipped])
        cursor.execute(
            f"UPDATE catalog_product p SET updated_at = now(), (in_stock, is_low_stock) = {_OF_PRODUCT} WHERE p.id = ANY(%s)",  # noqa: S608
            [flipped],
        )
    update_membership(flipped)


def count_sales(payload: dict[str, Any]) -> None:
    """After order.paid: payload["units"] maps a product's slug to units sold. A repeat counts nothing."""
    with transaction.atomic():
        _, is_new = CountedSale.objects.get_or_create(reference=payload["number"])
        if is_new:
            for slug, units in (payload.get("units") or {}).items():
                product_id = _sold(slug)
                if product_id is None:
                    continue
                Product.objects.filter(pk=product_id).update(units_sold=F("units_sold") + units)
                day, is_first = SoldUnits.objects.get_or_create(
                    product_id=product_id, day=timezone.now().date(), defaults={"units": units}
                )
                if not is_first:
                    SoldUnits.objects.filter(pk=day.pk).update(units=F("units") + units)


def _sold(slug: str) -> int | None:
    """The product of an order's line; it may have moved since it was bought."""
    here = Product.objects.filter(slug=slug).values_list("pk", flat=True).first()
    return here or Redirect.objects.filter(kind="product", slug=slug).values_list("product_id", flat=True).first()


@transaction.atomic
def set_expected(days: Mapping[int, date | None]) -> None:
    """Write down, per variant id, when more of it comes."""
    for variant_id, day in days.items():
        Variant.objects.filter(pk=variant_id).update(expected_on=day, updated_at=Now())
        Product.objects.filter(variants=variant_id).update(updated_at=Now())
