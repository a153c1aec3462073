"""One verb claims stock: a guarded UPDATE on the row itself (claims.py), over a CHECK that refuses what a bug lets through."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from noirel.catalog.models import Variant
from noirel.catalog.services.availability import Availability, set_availability, set_expected
from noirel.core import audit, hot
from noirel.core.errors import FieldError, Invalid, NotFound
from noirel.core.viewer import Viewer
from noirel.inventory import claims
from noirel.inventory.errors import CountMoved, OutOfStock, StockBelowReserved
from noirel.inventory.models import Reservation, StockItem, StockMovement

# What a reason can't do.
ONLY_MORE = frozenset({StockMovement.Reason.RECEIVED, StockMovement.Reason.RETURNED})
ONLY_LESS = frozenset({StockMovement.Reason.DAMAGED, StockMovement.Reason.GIFT})


@dataclass(frozen=True, slots=True)
class _Level:
    variant_id: int
    on_hand: int
    reserved: int
    is_tracked: bool
    policy: str


def reserve(wanted: Mapping[int, int], *, reference: str, expires_at: datetime | None) -> None:
    """Hold stock for an order: all of it, or none.

    wanted maps variant id to units; reference is the order's number. Call inside a transaction, last of all that it does: one
    statement locks each variant's row, in id order, until the commit. Raises OutOfStock naming every variant that fell short.
    """
    if not wanted:
        return
    _must_have_had(wanted, claims.reserve(wanted, reference=reference, expires_at=expires_at))


def _must_have_had(wanted: Mapping[int, int], had: set[int]) -> None:
    short = sorted(set(wanted) - had)
    if short:
        left = dict(StockItem.objects.filter(pk__in=short).values_list("pk", "available"))
        skus = dict(Variant.objects.filter(pk__in=short).values_list("pk", "sku"))
        raise OutOfStock(
            lines=[{"sku": skus.get(id_, ""), "requested": wanted[id_], "available": max(left.get(id_, 0), 0)} for id_ in short]
        )


@transaction.atomic
def release(reference: str) -> None:
    """Give back what an order holds. A repeat finds nothing held and does nothing. Locks the variants in id order."""
    claims.release(reference)


def commit_sale(reference: str) -> None:
    """The held units are sold: they leave the shelf, with a movement each. A repeat does nothing.

    One statement; locks the variants in id order until the commit: the last thing to do before it.
    """
    claims.sell(reference)


@transaction.atomic
def take_back(units: Mapping[int, int], *, reference: str, actor: str = "", note: str = "") -> None:
    """Put sold units, by variant id, back on the shelf, with a movement `returned` each; what is not tracked stays uncounted.

    reference names what brought them back, and brings each variant back once: a repeat does nothing. Locks the variants' rows
    in id order.
    """
    levels: list[_Level] = []
    with connection.cursor() as cursor:
        for variant_id, count in sorted(units.items()):
            cursor.execute("SELECT 1 FROM inventory_stockitem WHERE variant_id = %s AND is_tracked FOR UPDATE", [variant_id])
            if (
                not cursor.fetchone()
                or StockMovement.objects.filter(
                    item_id=variant_id, reference=reference, reason=StockMovement.Reason.RETURNED
                ).exists()
            ):
                continue
            cursor.execute(
                "UPDATE inventory_stockitem SET on_hand = on_hand + %s, updated_at = now() WHERE variant_id = %s"
                " RETURNING variant_id, on_hand, reserved, is_tracked, policy",
                [count, variant_id],
            )
            levels.append(_Level(*cursor.fetchone()))
    StockMovement.objects.bulk_create(
        StockMovement(
            item_id=level.variant_id, delta=units[level.variant_id], reason=StockMovement.Reason.RETURNED,
            reference=reference, on_hand_after=level.on_hand, actor=actor, note=note,
        )
        for level in levels
    )  # fmt: skip
    _tell(levels)


def extend(reference: str, expires_at: datetime) -> None:
    """The order's hold lasts until then."""
    hot.run(EXTEND, expires_at, reference)


EXTEND = "UPDATE inventory_reservation SET expires_at = %s WHERE reference = %s AND state = 'held'"


def rehold(reference: str) -> None:
    """Hold again, all or nothing, what an order had let go of: late money has come. Raises OutOfStock."""
    with transaction.atomic():
        gone = Reservation.objects.select_for_update().filter(reference=reference, state=Reservation.State.RELEASED)
        wanted = dict(gone.order_by("item_id").values_list("item_id", "units"))
        _must_have_had(wanted, claims.rehold(wanted, reference=reference))


@transaction.atomic
def adjust(sku: str, *, delta: int, reason: str, note: str = "", actor: Viewer, reference: str = "") -> StockItem:
    """Change what is on hand by delta, with a movement. Locks the variant's row.

    Raises NotFound; Invalid for 0 or a delta of the wrong sign for its reason; StockBelowReserved when orders hold more than
    would be left.
    """
    if delta == 0:
        raise Invalid(errors=[FieldError("delta", "invalid", "A change of 0 changes nothing.")])
    if (delta > 0 and reason in ONLY_LESS) or (delta < 0 and reason in ONLY_MORE):
        raise Invalid(
            errors=[FieldError("delta", "invalid", f"What is {reason} makes {'less' if delta > 0 else 'more'} of it.")]
        )
    variant = _variant(sku)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE inventory_stockitem SET on_hand = on_hand + %(delta)s, updated_at = now() WHERE variant_id = %(id)s"
            " AND (policy <> 'deny' OR on_hand + %(delta)s >= reserved)"
            " RETURNING variant_id, on_hand, reserved, is_tracked, policy",
            {"delta": delta, "id": variant.pk},
        )
        row = cursor.fetchone()
    item = StockItem.objects.get(pk=variant.pk)
    if row is None:
        raise StockBelowReserved(on_hand=item.on_hand, reserved=item.reserved)
    level = _Level(*row)
    StockMovement.objects.create(
        item=item, delta=delta, reason=reason, note=note, actor=actor.name, reference=reference, on_hand_after=level.on_hand
    )
    audit.record(
        actor=actor,
        action="inventory.adjust",
        target=f"sku:{sku}",
        before={"on_hand": level.on_hand - delta},
        after={"on_hand": level.on_hand, "reason": reason, "note": note},
    )
    _tell([level])
    return item


@transaction.atomic
def count(sku: str, *, counted: int, seen: int, note: str = "", actor: Viewer) -> StockItem:
    """Set what is on hand to what was counted, by a movement of the difference. Locks the variant's row.

    seen is what the counter was shown: when stock has moved since, nothing is changed. Raises NotFound, CountMoved,
    StockBelowReserved.
    """
    item = StockItem.objects.select_for_update().get(pk=_variant(sku).pk)
    if item.on_hand != seen:
        raise CountMoved(f"There are {item.on_hand} by the books now.", on_hand=item.on_hand)
    if counted == item.on_hand:
        audit.record(actor=actor, action="inventory.count", target=f"sku:{sku}", after={"on_hand": counted, "note": note})
        return item
    return adjust(sku, delta=counted - item.on_hand, reason=StockMovement.Reason.COUNTED, note=note, actor=actor)


@transaction.atomic
def change_terms(sku: str, *, actor: Viewer, **changes: Any) -> StockItem:
    """Change how a variant sells when it runs out: is_tracked, policy, expected_on; what is not named stays. Locks its row.

    Raises NotFound; StockBelowReserved when it would no longer sell ahead of stock, and orders hold more than is there.
    """
    item = StockItem.objects.select_for_update().get(pk=_variant(sku).pk)
    before = {name: getattr(item, name) for name in changes}
    for name, value in changes.items():
        setattr(item, name, value)
    if item.policy == StockItem.Policy.DENY:
        item.expected_on = None
        if item.reserved > item.on_hand:
            raise StockBelowReserved(on_hand=item.on_hand, reserved=item.reserved)
    item.save(update_fields=["is_tracked", "policy", "expected_on", "updated_at"])
    audit.record(
        actor=actor, action="inventory.terms", target=f"sku:{sku}", before=before,
        after={name: getattr(item, name) for name in changes},
    )  # fmt: skip
    tell_catalogue([item.pk])
    set_expected({item.pk: item.expected_on})
    return item


@transaction.atomic
def give_samples(payload: Mapping[str, Any]) -> None:
    """`order.paid`: samples leave the shelf with a movement `gift` each, if they are counted and still there.

    Once for each order and variant. Not in the order's own transaction: it has locked the rows of what was sold already, and a
    sample's may come before them.
    """
    variants = Variant.objects.filter(sku__in=payload.get("samples", ()))
    for item in StockItem.objects.select_for_update().filter(variant__in=variants, is_tracked=True).order_by("pk"):
        given = StockMovement.objects.filter(item=item, reference=payload["number"], reason=StockMovement.Reason.GIFT)
        if item.on_hand - item.reserved < 1 or given.exists():
            continue
        item.on_hand -= 1
        item.save(update_fields=["on_hand", "updated_at"])
        StockMovement.objects.create(
            item=item, delta=-1, reason=StockMovement.Reason.GIFT, reference=payload["number"], on_hand_after=item.on_hand
        )
        tell_catalogue([item.pk])


def _variant(sku: str) -> Variant:
    """The variant, with a row for its stock."""
    variant = Variant.objects.filter(sku=sku).only("id").first()
    if variant is None:
        raise NotFound("There is no such SKU.")
    StockItem.objects.bulk_create([StockItem(variant=variant)], ignore_conflicts=True)
    return variant


@transaction.atomic
def set_terms(variant_id: int, *, is_tracked: bool, policy: str = StockItem.Policy.DENY) -> None:
    """Whether this variant's stock is counted at all, and what happens when it runs out."""
    StockItem.objects.update_or_create(
        variant_id=variant_id, defaults={"is_tracked": is_tracked, "policy": policy, "updated_at": timezone.now()}
    )
    tell_catalogue([variant_id])


@dataclass(frozen=True, slots=True)
class Beginning:
    """How the stock of a variant that has just been made is counted, and what it begins with."""

    variant_id: int
    is_tracked: bool
    policy: str
    on_hand: int = 0


@transaction.atomic
def begin(beginnings: Iterable[Beginning], *, note: str, actor: Viewer) -> None:
    """Stock of new variants, with a movement `counted` each that begins with any: four statements for any number of them."""
    items = [
        StockItem(
            variant_id=begun.variant_id,
            is_tracked=begun.is_tracked,
            policy=begun.policy,
            on_hand=begun.on_hand if begun.is_tracked else 0,
        )
        for begun in beginnings
    ]
    if not items:
        return
    StockItem.objects.bulk_create(items)
    StockMovement.objects.bulk_create(
        StockMovement(
            item_id=item.pk, delta=item.on_hand, reason=StockMovement.Reason.COUNTED, note=note, actor=actor.name,
            on_hand_after=item.on_hand,
        )
        for item in items
        if item.on_hand
    )  # fmt: skip
    _tell(_Level(item.pk, item.on_hand, 0, item.is_tracked, item.policy) for item in items)


def tell_catalogue(variant_ids: Iterable[int]) -> None:
    """Write these variants' levels down again where the shop reads them."""
    rows = StockItem.objects.select_for_update().filter(pk__in=list(variant_ids)).order_by("pk")
    _tell([_Level(*row) for row in rows.values_list("pk", "on_hand", "reserved", "is_tracked", "policy")])


def _tell(levels: Iterable[_Level]) -> None:
    set_availability(
        {
            level.variant_id: Availability(
                quantity=level.on_hand - level.reserved if level.is_tracked else None,
                in_stock=not level.is_tracked or level.policy != "deny" or level.on_hand > level.reserved,
                on_hand=level.on_hand,
                policy=level.policy,
            )
            for level in levels
        }
    )
