"""What staff do with a drop: write it, announce it, postpone it, close it, end it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from noirel.catalog.models import Variant
from noirel.catalog.services.drop import set_drop
from noirel.core import audit_log
from noirel.core.domain.errors import Conflict, FieldError, Invalid, NotFound
from noirel.core.events import publish
from noirel.core.viewer import Viewer
from noirel.drops.errors import DropFixed
from noirel.drops.models import Drop, DropVariant, Entry
from noirel.drops.services.draw import commit_to_draw, draw, freeze_entries
from noirel.inventory import services as inventory
from noirel.inventory.allocations import lock_allocation

FIELDS = (
    "slug", "name", "words", "mode", "opens_at", "closes_at", "per_person", "per_address", "hold_seconds", "units",
    "claim_seconds", "beacon_source",
)  # fmt: skip


@transaction.atomic
def create_drop(*, actor: Viewer, variants: Sequence[str], **fields: Any) -> Drop:
    """Write a drop down, for nobody but staff to see. Raises Invalid."""
    drop = Drop(**fields)
    _must_make_sense(drop, variants)
    _save(drop, insert=True)
    _cover(drop, variants)
    audit_log.record(actor=actor, action="drops.create", target=f"drop:{drop.slug}", after=_told(drop, variants))
    return drop


@transaction.atomic
def update_drop(slug: str, /, *, actor: Viewer, **fields: Any) -> Drop:
    """Change a drop before it is announced; afterwards its words alone. Raises DropFixed, Invalid. Locks the drop."""
    drop = lock_drop(slug)
    if drop.status != Drop.Status.DRAFT and fields.keys() - {"words"}:
        raise DropFixed("A drop that is announced keeps its rules. Its words may change.", drop_status=drop.status)
    before = {name: getattr(drop, name) for name in fields if name != "variants"}
    variants = fields.pop("variants", None)
    for name, value in fields.items():
        setattr(drop, name, value)
    covered = skus_of(drop) if variants is None else variants
    _must_make_sense(drop, covered)
    _save(drop)
    if variants is not None:
        DropVariant.objects.filter(drop=drop).delete()
        _cover(drop, variants)
    audit_log.record(
        actor=actor,
        action="drops.edit",
        target=f"drop:{drop.slug}",
        before=_json(before),
        after=_json(fields | {"variants": covered}),
    )
    return drop


@transaction.atomic
def delete_drop(slug: str, *, actor: Viewer) -> None:
    """Throw away what nobody has seen. Raises DropFixed for what was announced. Locks the drop."""
    drop = lock_drop(slug)
    _must_be(drop, Drop.Status.DRAFT, "It has been announced: it can be ended, not taken back.")
    audit_log.record(actor=actor, action="drops.delete", target=f"drop:{drop.slug}", before=_told(drop, skus_of(drop)))
    drop.delete()


@transaction.atomic
def announce(slug: str, *, actor: Viewer) -> Drop:
    """From now on its variants are sold by its rules alone, and everybody can read them.

    Raises DropFixed when it was announced before; Conflict when another live drop has one of its variants; Invalid when it has
    none, or its time is over. Locks the drop.
    """
    drop = lock_drop(slug)
    _must_be(drop, Drop.Status.DRAFT, "It has been announced.")
    now = timezone.now()
    if drop.closes_at is not None and drop.closes_at <= now:
        raise Invalid(errors=[FieldError("closes_at", "invalid", "This moment has passed.")])
    variant_ids = _variant_ids(drop)
    if not variant_ids:
        raise Invalid(errors=[FieldError("variants", "required", "A drop needs something to sell.")])
    try:
        with transaction.atomic():
            DropVariant.objects.filter(drop=drop).update(is_live=True)
    except IntegrityError:
        raise Conflict("One of its variants is in another drop that has not ended.") from None
    drop.status, drop.announced_at = Drop.Status.ANNOUNCED, now
    drop.save()
    if drop.mode == Drop.Mode.LOTTERY:
        commit_to_draw(drop, variant_id=variant_ids[0])
    set_drop(variant_ids, drop.terms.json())
    audit_log.record(actor=actor, action="drops.announce", target=f"drop:{drop.slug}", after=_told(drop, skus_of(drop)))
    return drop


@transaction.atomic
def postpone(
    slug: str, *, actor: Viewer, opens_at: datetime | None = None, closes_at: datetime | None = None, reason: str = ""
) -> Drop:
    """Move an announced drop to a later time. Whoever has entered is told by mail, and the page says what it was before.

    Before it opens, both times may move; a closing time that is not given moves along with the opening. Once it is open, only
    the closing time may. Nothing moves forward. Raises DropFixed when it is not announced, is over, has no end to move, or has
    a beacon, which was named for the announced end of entries; Invalid for a time that is not later. Locks the drop.
    """
    drop = lock_drop(slug)
    now = timezone.now()
    if why := _why_not_postponed(drop, now=now):
        raise DropFixed(why, drop_status=drop.status)
    before = {name: getattr(drop, name) for name in ("opens_at", "closes_at")}
    if opens_at is not None and closes_at is None and drop.closes_at is not None:
        closes_at = drop.closes_at + (opens_at - drop.opens_at)
    _must_be_later(drop, opens_at=opens_at, closes_at=closes_at, now=now)
    if drop.postponed_at is None:
        drop.announced_opens_at, drop.announced_closes_at = drop.opens_at, drop.closes_at
    drop.opens_at, drop.closes_at = opens_at or drop.opens_at, closes_at or drop.closes_at
    drop.postponed_at, drop.postponed_reason = now, reason
    drop.save()
    set_drop(_variant_ids(drop), drop.terms.json())
    taking_part = Entry.objects.filter(drop=drop, state__in=[Entry.State.UNCONFIRMED, Entry.State.ENTERED]).exclude(email="")
    for entry_id in taking_part.values_list("pk", flat=True):
        publish("drop.postponed", key=f"entry:{entry_id}", payload={"entry": str(entry_id)})
    after = {"opens_at": drop.opens_at, "closes_at": drop.closes_at, "reason": reason}
    audit_log.record(actor=actor, action="drops.postpone", target=f"drop:{drop.slug}", before=_json(before), after=_json(after))
    return drop


def can_postpone(drop: Drop) -> bool:
    return not _why_not_postponed(drop, now=timezone.now())


def _why_not_postponed(drop: Drop, *, now: datetime) -> str:
    if drop.status != Drop.Status.ANNOUNCED:
        return "Only a drop that is announced can be postponed."
    if drop.closes_at is not None and drop.closes_at <= now:
        return "Its time is over."
    if drop.opens_at <= now and drop.closes_at is None:
        return "It is open and has no end that could be moved."
    if drop.beacon_source:
        return f"{drop.beacon_source} was named for the announced end of entries. End this drop and announce another."
    return ""


def _must_be_later(drop: Drop, *, opens_at: datetime | None, closes_at: datetime | None, now: datetime) -> None:
    errors = []
    if opens_at is None and closes_at is None:
        errors.append(FieldError("opens_at", "required", "A later time."))
    if opens_at is not None:
        if drop.opens_at <= now:
            errors.append(FieldError("opens_at", "invalid", "It has opened."))
        elif opens_at <= drop.opens_at:
            errors.append(FieldError("opens_at", "invalid", "It can be moved to a later time only."))
    if closes_at is not None:
        if drop.closes_at is not None and closes_at <= drop.closes_at:
            errors.append(FieldError("closes_at", "invalid", "It can be moved to a later time only."))
        elif closes_at <= (opens_at or drop.opens_at):
            errors.append(FieldError("closes_at", "invalid", "It closes after it opens."))
        elif drop.closes_at is None:
            errors.append(FieldError("closes_at", "invalid", "It was announced without an end."))
    if errors:
        raise Invalid(errors=errors)


@transaction.atomic
def close(slug: str, *, actor: Viewer) -> Drop:
    """End the sale now; what is held and paid stays as it is. A lottery's entries are written down, and not before their time.

    A second time changes nothing. Raises DropFixed. Locks the drop.
    """
    drop = lock_drop(slug)
    if drop.status == Drop.Status.CLOSED:
        return drop
    _must_be(drop, Drop.Status.ANNOUNCED, "Only a drop that is announced can be closed.")
    now = timezone.now()
    is_lottery = drop.mode == Drop.Mode.LOTTERY
    if is_lottery and drop.closes_at is not None and now < drop.closes_at:
        raise DropFixed("Entries stay open for as long as was announced.", drop_status=drop.status)
    drop.status, drop.closed_at = Drop.Status.CLOSED, drop.closes_at if is_lottery else now
    drop.save()
    if is_lottery:
        freeze_entries(drop)
    set_drop(_variant_ids(drop), drop.terms.json())
    audit_log.record(actor=actor, action="drops.close", target=f"drop:{drop.slug}", after={"closed_at": _iso(drop.closed_at)})
    return drop


@transaction.atomic
def draw_lots(slug: str, *, actor: Viewer, beacon: str = "") -> Drop:
    """Draw, and offer the winners their rights. Drawing again changes nothing. Raises DropFixed, Invalid. Locks the drop."""
    drop = lock_drop(slug)
    draw(drop, actor=actor, beacon=beacon)
    return drop


@transaction.atomic
def end(slug: str, *, actor: Viewer) -> Drop:
    """Let its variants go to the ordinary shelf, without a limit. Rights still open lapse; entries lose their addresses.

    A second time changes nothing. Raises DropFixed. Locks the drop, then the units held for it.
    """
    drop = lock_drop(slug)
    if drop.status == Drop.Status.ENDED:
        return drop
    if drop.status == Drop.Status.DRAFT:
        raise DropFixed("It has not begun.", drop_status=drop.status)
    before = drop.status
    drop.status, drop.ended_at = Drop.Status.ENDED, timezone.now()
    drop.save()
    DropVariant.objects.filter(drop=drop).update(is_live=False)
    Entry.objects.filter(drop=drop, state=Entry.State.OFFERED).update(state=Entry.State.LAPSED)
    Entry.objects.filter(drop=drop).update(email="")
    lock_allocation(drop.reference)
    inventory.release(drop.reference)
    set_drop(_variant_ids(drop), None)
    audit_log.record(
        actor=actor, action="drops.end", target=f"drop:{drop.slug}", before={"status": before}, after={"status": drop.status}
    )
    return drop


def skus_of(drop: Drop) -> list[str]:
    """What it covers, in its order."""
    return list(DropVariant.objects.filter(drop=drop).order_by("position").values_list("variant__sku", flat=True))


def lock_drop(slug: str) -> Drop:
    """The drop, held until the transaction ends. Raises NotFound."""
    drop = Drop.objects.select_for_update().filter(slug=slug).first()
    if drop is None:
        raise NotFound("There is no such drop.")
    return drop


def _must_be(drop: Drop, status: Drop.Status, detail: str) -> None:
    if drop.status != status:
        raise DropFixed(detail, drop_status=drop.status)


def _variant_ids(drop: Drop) -> list[int]:
    return list(DropVariant.objects.filter(drop=drop).values_list("variant_id", flat=True))


def _must_make_sense(drop: Drop, variants: Sequence[str]) -> None:
    """What the table's constraints say, in words and by field."""
    errors = []
    if drop.closes_at is not None and drop.closes_at <= drop.opens_at:
        errors.append(FieldError("closes_at", "invalid", "It closes after it opens."))
    if drop.per_address < drop.per_person:
        errors.append(FieldError("per_address", "invalid", "An address may have what one person may have, or more."))
    if drop.mode == Drop.Mode.LOTTERY:
        if drop.closes_at is None:
            errors.append(FieldError("closes_at", "required", "Entries need an end."))
        if drop.units is None or drop.units < drop.per_person:
            errors.append(FieldError("units", "invalid", "A lottery gives away at least one person's share."))
        if len(variants) > 1:
            errors.append(FieldError("variants", "invalid", "A lottery is drawn for one variant."))
    if len(set(variants)) < len(variants):
        errors.append(FieldError("variants", "invalid", "Each variant once."))
    if errors:
        raise Invalid(errors=errors)


def _save(drop: Drop, *, insert: bool = False) -> None:
    try:
        with transaction.atomic():
            drop.save(force_insert=insert)
    except IntegrityError as error:
        if "slug" not in str(error):
            raise
        raise Invalid(errors=[FieldError("slug", "unique", "Another drop has this address.")]) from None


def _cover(drop: Drop, skus: Sequence[str]) -> None:
    found = dict(Variant.objects.filter(sku__in=skus).values_list("sku", "pk"))
    if missing := [sku for sku in skus if sku not in found]:
        raise Invalid(errors=[FieldError("variants", "does_not_exist", f"There is no {', '.join(missing)}.")])
    DropVariant.objects.bulk_create([DropVariant(drop=drop, variant_id=found[sku], position=at) for at, sku in enumerate(skus)])


def _told(drop: Drop, variants: Sequence[str]) -> dict[str, Any]:
    return _json({name: getattr(drop, name) for name in FIELDS} | {"variants": list(variants)})


def _json(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: _iso(value) for name, value in fields.items()}


def _iso(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
