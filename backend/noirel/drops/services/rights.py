"""A right to buy: offered by place, used by one order, passed on when its time is over."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from noirel.core.events import publish
from noirel.drops.errors import DropByLot
from noirel.drops.models import Commitment, Drop, DropVariant, Entry
from noirel.drops.services.entries import entry_of
from noirel.inventory.allocations import allocate, return_allocation


def pass_on(drop: Drop, *, at: datetime) -> int:
    """Let the rights lapse whose time is over, and offer as many to the next in order; how many were offered.

    Call in a transaction with the drop locked. Each winner is told by mail.
    """
    Entry.objects.filter(drop=drop, state=Entry.State.OFFERED, claim_by__lte=at).update(state=Entry.State.LAPSED)
    taken = Entry.objects.filter(drop=drop, state__in=[Entry.State.OFFERED, Entry.State.CLAIMED]).count()
    free = Commitment.objects.get(drop=drop).winners - taken
    waiting = Entry.objects.filter(drop=drop, state=Entry.State.ENTERED, place__isnull=False)
    chosen = list(waiting.order_by("place")[: max(free, 0)])
    Entry.objects.filter(pk__in=[entry.pk for entry in chosen]).update(
        state=Entry.State.OFFERED, claim_by=at + timedelta(seconds=drop.claim_seconds)
    )
    for entry in chosen:
        publish("drop.won", key=f"entry:{entry.pk}", payload={"entry": str(entry.pk)})
    return len(chosen)


@transaction.atomic
def bring_to_bag(entry_id: UUID, *, slug: str, token: str, cart_id: UUID) -> Entry:
    """Use a right in this bag from now on; it may have been in another one. Raises NotFound; DropByLot when it is over."""
    entry = entry_of(slug, entry_id, token=token)
    theirs = Entry.objects.filter(pk=entry.pk, state=Entry.State.OFFERED, claim_by__gt=timezone.now())
    if not theirs.update(cart_id=cart_id):
        raise DropByLot("There is no right to buy with this entry now.", drop=slug)
    entry.refresh_from_db()
    return entry


def follow_bag(*, from_cart: UUID, to_cart: UUID) -> None:
    """A guest's bag has become part of a member's: rights go with it."""
    Entry.objects.filter(cart_id=from_cart).update(cart_id=to_cart)


def rights_in_bag(cart_id: UUID | None) -> dict[str, datetime]:
    """Which lotteries this bag may buy from, by slug, and until when. One statement."""
    if cart_id is None:
        return {}
    rows = Entry.objects.filter(cart_id=cart_id, state=Entry.State.OFFERED, claim_by__gt=timezone.now())
    return {slug: claim_by for slug, claim_by in rows.values_list("drop__slug", "claim_by") if claim_by}


def use_right(
    drop: Drop, *, reference: str, cart_id: UUID | None, keys: Sequence[str], units: int, expires_at: datetime, at: datetime
) -> int:
    """An order takes the right in its bag, and the units held for it. Returns the variant they are of.

    keys are the buyer's: a right is good for whoever entered, and nobody else. Raises DropByLot. Locks entry, then pool.
    """
    entry = Entry.objects.filter(drop=drop, cart_id=cart_id, state=Entry.State.OFFERED, claim_by__gt=at).first()
    if entry is None:
        raise DropByLot(f"{drop.name} is drawn by lot.", drop=drop.slug)
    if entry.mail_key not in keys and entry.user_key not in keys:
        raise DropByLot("This right is another person’s. Buy with the address it was drawn for.", drop=drop.slug)
    mine = Entry.objects.filter(pk=entry.pk, state=Entry.State.OFFERED, claim_by__gt=at)
    if not mine.update(state=Entry.State.CLAIMED, order=reference):
        raise DropByLot("This right has been used.", drop=drop.slug)
    return _take(drop, reference=reference, units=units, expires_at=expires_at)


def use_again(drop: Drop, *, reference: str, units: int) -> None:
    """Late money has come: the order takes its right again, if it is still there. Raises DropByLot."""
    mine = Entry.objects.filter(drop=drop, order=reference, state=Entry.State.OFFERED)
    if not mine.update(state=Entry.State.CLAIMED):
        raise DropByLot("This right has passed on.", drop=drop.slug)
    _take(drop, reference=reference, units=units, expires_at=None)


def give_right_back(drop: Drop, *, reference: str) -> None:
    """The order ended unpaid: the right is open again while its time lasts, and the units go back to where they were held."""
    now = timezone.now()
    mine = Entry.objects.filter(drop=drop, order=reference, state=Entry.State.CLAIMED)
    if not mine.filter(claim_by__gt=now).update(state=Entry.State.OFFERED):
        mine.update(state=Entry.State.LAPSED)
    if drop.is_live:  # else its units are for everybody
        return_allocation(drop.reference, variant_id=_variant_of(drop), reference=reference)


def _take(drop: Drop, *, reference: str, units: int, expires_at: datetime | None) -> int:
    variant_id = _variant_of(drop)
    allocate(drop.reference, variant_id=variant_id, units=units, reference=reference, expires_at=expires_at)
    return variant_id


def _variant_of(drop: Drop) -> int:
    return int(DropVariant.objects.values_list("variant_id", flat=True).get(drop=drop))


def share_locked(drop_ids: Iterable[int]) -> list[Drop]:
    """These drops, kept from ending until the transaction does."""
    return list(Drop.objects.raw("SELECT * FROM drops_drop WHERE id = ANY(%s) ORDER BY id FOR SHARE", [list(drop_ids)]))
