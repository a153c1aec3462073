"""Stock services: reservations for orders, movements and counts.

Stock is claimed in one way only, by a guarded UPDATE on its row (claims.py) above a CHECK constraint.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from noirel.catalog.models import Variant
from noirel.catalog.services.availability import Availability, set_availability, set_expected
from noirel.core import audit_log
from noirel.core.db import prepared
from noirel.core.domain.errors import FieldError, Invalid, NotFound
from noirel.core.viewer import Viewer
from noirel.inventory import claims
from noirel.inventory.errors import CountMoved, OutOfStock, StockBelowReserved
from noirel.inventory.models import Reservation, StockItem, StockMovement

# Reasons that only increase or only decrease the quantity on hand.
ONLY_MORE = frozenset({StockMovement.Reason.RECEIVED, StockMovement.Reason.RETURNED})
ONLY_LESS = frozenset({StockMovement.Reason.DAMAGED, StockMovement.Reason.GIFT})


@dataclass(frozen=True, slots=True)
class _Level:
    variant_id: int
    on_hand: int
    committed: int
    available: int
    is_tracked: bool
    policy: str


def reserve(wanted: Mapping[int, int], *, reference: str, expires_at: datetime | None) -> None:
    """Reserve stock for an order, all of it or none.

    `wanted` maps variant ids to units; `reference` is the order number. Call inside a transaction, as its last step: one
    statement locks the variants' rows in id order until the commit. Raises OutOfStock naming every variant that fell short.
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
    """Release what an order has reserved. Repeating it does nothing. Locks the variants in id order."""
    claims.release(reference)


def commit_sale(reference: str) -> None:
    """Commit the reserved units of a paid order. They stay on hand until it ships. Repeating it does nothing.

    Call as the last step of a transaction: one statement locks the variants in id order until the commit.
    """
    claims.sell(reference)


def lock_stock(variant_ids: Iterable[int]) -> None:
    """Lock the stock rows of variants in id order until the commit, for callers that change them one after the other."""
    list(StockItem.objects.select_for_update(no_key=True).filter(pk__in=variant_ids).order_by("pk").values_list("pk"))


def dispatch(reference: str, units: Mapping[int, int], *, shipment: UUID, actor: str = "") -> None:
    """Deduct the units of a parcel that leaves, by variant id, from stock, as far as they are committed to the order.

    Writes a movement `shipped` per variant, once per parcel; untracked variants have none. Call as the last step of the
    transaction that ships the parcel: locks the variants in id order until the commit.
    """
    if units:
        reason = StockMovement.Reason.SHIPPED
        claims.leave(units, reference=reference, reason=reason, movement=reference, shipment=shipment, actor=actor, note="")


def release_committed(reference: str, units: Mapping[int, int]) -> dict[int, int]:
    """Make units of a paid order that will not be shipped available again. Locks the variants in id order.

    Returns the number of units by variant id that were committed to the order, which may be fewer than requested.
    """
    return claims.uncommit(units, reference=reference) if units else {}


def write_off_committed(reference: str, units: Mapping[int, int], *, actor: str = "", note: str = "") -> None:
    """Write off units of a paid order that will neither be shipped nor sold, with a movement `damaged` per variant.

    Locks the variants in id order.
    """
    if units:
        reason = StockMovement.Reason.DAMAGED
        claims.leave(units, reference=reference, reason=reason, movement=reference, shipment=None, actor=actor, note=note)


@transaction.atomic
def restock(units: Mapping[int, int], *, reference: str, actor: str = "", note: str = "") -> None:
    """Put sold units, by variant id, back into stock with a movement `returned` each. Untracked variants are skipped.

    `reference` identifies the return: a variant is restocked once under it, and repeating the call does nothing. Locks the
    variants' rows in id order.
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
                " RETURNING variant_id, on_hand, committed, available, is_tracked, policy",
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


def extend_hold(reference: str, expires_at: datetime) -> None:
    """Set the expiry of an order's reservations."""
    prepared.execute(EXTEND_HOLD, expires_at, reference)


EXTEND_HOLD = "UPDATE inventory_reservation SET expires_at = %s WHERE reference = %s AND state = 'held'"


def rehold(reference: str) -> None:
    """Reserve again, all or nothing, what an order had released, because a late payment arrived. Raises OutOfStock."""
    with transaction.atomic():
        gone = Reservation.objects.select_for_update().filter(reference=reference, state=Reservation.State.RELEASED)
        wanted = dict(gone.order_by("item_id").values_list("item_id", "units"))
        _must_have_had(wanted, claims.rehold(wanted, reference=reference))


@transaction.atomic
def adjust(sku: str, *, delta: int, reason: str, note: str = "", actor: Viewer, reference: str = "") -> StockItem:
    """Change the quantity on hand by `delta`, with a movement. Locks the variant's row.

    Raises NotFound; Invalid for 0 or a sign that contradicts the reason; StockBelowReserved if fewer units than orders hold
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
            " AND (policy <> 'deny' OR on_hand + %(delta)s >= reserved + committed)"
            " RETURNING variant_id, on_hand, committed, available, is_tracked, policy",
            {"delta": delta, "id": variant.pk},
        )
        row = cursor.fetchone()
    item = StockItem.objects.get(pk=variant.pk)
    if row is None:
        raise _below_reserved(item)
    level = _Level(*row)
    StockMovement.objects.create(
        item=item, delta=delta, reason=reason, note=note, actor=actor.name, reference=reference, on_hand_after=level.on_hand
    )
    audit_log.record(
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
    """Set the quantity on hand to the result of a stock count, with a movement of the difference. Locks the variant's row.

    `seen` is the quantity shown when counting began; if it has changed since, nothing is done. Raises NotFound, CountMoved,
    StockBelowReserved.
    """
    item = StockItem.objects.select_for_update().get(pk=_variant(sku).pk)
    if item.on_hand != seen:
        raise CountMoved(f"There are {item.on_hand} by the books now.", on_hand=item.on_hand)
    if counted == item.on_hand:
        audit_log.record(actor=actor, action="inventory.count", target=f"sku:{sku}", after={"on_hand": counted, "note": note})
        return item
    return adjust(sku, delta=counted - item.on_hand, reason=StockMovement.Reason.COUNTED, note=note, actor=actor)


@transaction.atomic
def change_terms(sku: str, *, actor: Viewer, **changes: Any) -> StockItem:
    """Change a variant's stock terms: is_tracked, policy, expected_on. Terms not named stay. Locks its row.

    Raises NotFound; StockBelowReserved if it would no longer be sold ahead of stock but orders hold more than is on hand.
    """
    item = StockItem.objects.select_for_update().get(pk=_variant(sku).pk)
    before = {name: getattr(item, name) for name in changes}
    for name, value in changes.items():
        setattr(item, name, value)
    if item.policy == StockItem.Policy.DENY:
        item.expected_on = None
        if item.reserved + item.committed > item.on_hand:
            raise _below_reserved(item)
    item.save(update_fields=["is_tracked", "policy", "expected_on", "updated_at"])
    audit_log.record(
        actor=actor, action="inventory.terms", target=f"sku:{sku}", before=before,
        after={name: getattr(item, name) for name in changes},
    )  # fmt: skip
    publish_availability([item.pk])
    set_expected({item.pk: item.expected_on})
    return item


def samples_reference(number: str) -> str:
    """Return the reference under which an order's free samples are reserved."""
    return f"samples:{number}"


@transaction.atomic
def commit_samples(payload: Mapping[str, Any]) -> None:
    """Handle `order.paid`: commit one unit of each sample to the order, if it is tracked and still available. Once per order.

    Not part of the order's own transaction, which has locked the stock rows of what was sold: a sample's row may precede them
    in lock order.
    """
    reference = samples_reference(payload["number"])
    given = StockMovement.objects.filter(reference=payload["number"], reason=StockMovement.Reason.GIFT).values("item_id")
    tracked = StockItem.objects.filter(variant__sku__in=payload.get("samples", ()), is_tracked=True).exclude(pk__in=given)
    if not tracked.exists() or Reservation.objects.filter(reference=reference).exists():
        return
    claims.reserve(dict.fromkeys(tracked.values_list("pk", flat=True), 1), reference=reference, expires_at=None)
    claims.sell(reference)


@transaction.atomic
def dispatch_samples(payload: Mapping[str, Any]) -> None:
    """Handle `order.shipped`: deduct the samples, which ship with the first parcel, with a movement `gift` each. Repeatable.

    Events of one order are handled in order, so the samples have been committed before.
    """
    number = payload["number"]
    reason = StockMovement.Reason.GIFT
    if units := _committed_samples(number):
        claims.leave(
            units, reference=samples_reference(number), reason=reason, movement=number, shipment=None, actor="", note=""
        )  # fmt: skip


@transaction.atomic
def release_samples(payload: Mapping[str, Any]) -> None:
    """Handle `order.cancelled` and `order.emptied`: make the samples available again. Repeating it does nothing."""
    if units := _committed_samples(payload["number"]):
        claims.uncommit(units, reference=samples_reference(payload["number"]))


def _committed_samples(number: str) -> dict[int, int]:
    rows = Reservation.objects.filter(reference=samples_reference(number), committed__gt=0)
    return dict(rows.values_list("item_id", "committed"))


def _below_reserved(item: StockItem) -> StockBelowReserved:
    """Return the error for a change that would leave fewer units than orders hold, with the figures and the remedy."""
    held = [
        f"{item.reserved} {'is' if item.reserved == 1 else 'are'} in checkout" if item.reserved else "",
        f"{item.committed} {'is' if item.committed == 1 else 'are'} paid and not shipped" if item.committed else "",
    ]
    return StockBelowReserved(
        f"Of {item.on_hand} on hand, {' and '.join(part for part in held if part)}."
        " Cancel or refund an order first, or let this variant sell ahead of stock.",
        on_hand=item.on_hand,
        reserved=item.reserved,
        committed=item.committed,
    )


def _variant(sku: str) -> Variant:
    """The variant of a SKU. Raises NotFound."""
    variant = Variant.objects.filter(sku=sku).only("id").first()
    if variant is None:
        raise NotFound("There is no such SKU.")
    return variant


@transaction.atomic
def set_terms(variant_id: int, *, is_tracked: bool, policy: str = StockItem.Policy.DENY) -> None:
    """Set whether a variant's stock is tracked, and its policy when it is out of stock."""
    StockItem.objects.filter(pk=variant_id).update(is_tracked=is_tracked, policy=policy, updated_at=timezone.now())
    publish_availability([variant_id])


@dataclass(frozen=True, slots=True)
class InitialStock:
    """Stock terms and initial quantity of a new variant."""

    variant_id: int
    is_tracked: bool
    policy: str
    on_hand: int = 0


@transaction.atomic
def create_stock(beginnings: Iterable[InitialStock], *, note: str, actor: Viewer) -> None:
    """Set the terms and opening stock of variants that the current transaction created.

    Each that begins with units gets a movement `counted`. A constant number of statements for any number of variants.
    """
    now = timezone.now()
    items = [
        StockItem(
            updated_at=now,
            variant_id=begun.variant_id,
            is_tracked=begun.is_tracked,
            policy=begun.policy,
            on_hand=begun.on_hand if begun.is_tracked else 0,
        )
        for begun in beginnings
    ]
    if not items:
        return
    # Their rows exist: a trigger inserts one for every variant.
    StockItem.objects.bulk_create(
        items, update_conflicts=True, unique_fields=["variant"],
        update_fields=["is_tracked", "policy", "on_hand", "updated_at"],
    )  # fmt: skip
    StockMovement.objects.bulk_create(
        StockMovement(
            item_id=item.pk, delta=item.on_hand, reason=StockMovement.Reason.COUNTED, note=note, actor=actor.name,
            on_hand_after=item.on_hand,
        )
        for item in items
        if item.on_hand
    )  # fmt: skip
    _tell(_Level(item.pk, item.on_hand, 0, item.on_hand, item.is_tracked, item.policy) for item in items)


def publish_availability(variant_ids: Iterable[int]) -> None:
    """Write the levels of these variants to the catalogue again. Locks their stock rows in id order."""
    rows = StockItem.objects.select_for_update().filter(pk__in=list(variant_ids)).order_by("pk")
    _tell([_Level(*row) for row in rows.values_list("pk", "on_hand", "committed", "available", "is_tracked", "policy")])


def _tell(levels: Iterable[_Level]) -> None:
    set_availability(
        {
            level.variant_id: Availability(
                quantity=level.available if level.is_tracked else None,
                in_stock=not level.is_tracked or level.policy != "deny" or level.available > 0,
                on_hand=level.on_hand,
                committed=level.committed,
                policy=level.policy,
            )
            for level in levels
        }
    )
