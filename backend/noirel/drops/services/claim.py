"""A buyer's share of a drop: one verb claims it, beside the stock and in its transaction."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from noirel.drops.errors import DropClosed
from noirel.drops.models import Drop, Share, ShareClaim
from noirel.drops.person import PLACE, Person, keys_of
from noirel.drops.rules import Asked, address_share_used, must_be_admitted, share_used
from noirel.drops.services.rights import give_right_back, rights_in_bag, share_locked, use_again, use_right

# One row for each key of the buyer, in key order: two checkouts of one person meet at the first and wait for one another. A key
# that would have more than its most comes back missing, and the CHECK is there for the day when the guard has a bug.
_CLAIM = """
INSERT INTO drops_share AS s (drop_id, key, units, most)
SELECT %(drop)s, t.key, %(units)s, t.most FROM unnest(%(keys)s::text[], %(mosts)s::int[]) AS t(key, most)
WHERE %(units)s <= t.most ORDER BY t.key
ON CONFLICT (drop_id, key) DO UPDATE SET units = s.units + excluded.units WHERE s.units + excluded.units <= s.most
RETURNING s.key
"""


@dataclass(frozen=True, slots=True)
class Admission:
    """The live drops an order takes from, and how many units of each."""

    drops: Sequence[Drop]
    units: Mapping[int, int]

    @property
    def hold_seconds(self) -> int | None:
        """The shortest hold any of them allows; None when none of them is a drop."""
        return min((drop.hold_seconds for drop in self.drops), default=None)


def admit(asked: Sequence[Asked], *, cart_id: UUID | None, at: datetime) -> Admission:
    """Let an order in, by the drops' own rows; the variants' notes of them may be a moment old. At most two statements.

    cart_id is the bag it comes from: a right that was drawn is used in one. Raises DropNotOpen, DropClosed, DropByLot,
    ShareUsed.
    """
    if not asked:
        return Admission((), {})
    live = {drop.slug: drop for drop in Drop.objects.filter(slug__in={want.terms.slug for want in asked}) if drop.is_live}
    has_lottery = any(drop.mode == Drop.Mode.LOTTERY for drop in live.values())
    rights = rights_in_bag(cart_id) if has_lottery else {}
    terms = {
        slug: drop.terms.with_right(rights[slug]) if slug in rights and drop.mode == Drop.Mode.LOTTERY else drop.terms
        for slug, drop in live.items()
    }
    asked = [Asked(want.sku, terms[want.terms.slug], want.quantity) for want in asked if want.terms.slug in live]
    must_be_admitted(asked, at=at)
    units: dict[int, int] = {}
    for want in asked:
        drop = live[want.terms.slug]
        units[drop.pk] = units.get(drop.pk, 0) + want.quantity
    return Admission(sorted(live.values(), key=lambda drop: drop.pk), units)


def claim(
    admission: Admission, *, reference: str, person: Person, cart_id: UUID | None, expires_at: datetime, at: datetime
) -> set[int]:
    """Take the person's share of every drop the order is in: all of it, or none.

    reference is the order's number. Call inside the order's transaction, before its stock is reserved: shares come before
    stock for everybody. Returns the variants whose units came with a right that was drawn: they are held by the order already.
    Locks a row for each of the person's keys, in key order, then the right and the units held for it. Raises ShareUsed, saying
    how many are left; DropByLot.
    """
    keys = keys_of(person)
    held: set[int] = set()
    lotteries = [drop.pk for drop in admission.drops if drop.mode == Drop.Mode.LOTTERY]
    if lotteries and not all(drop.is_live for drop in share_locked(lotteries)):
        raise DropClosed("This drop has ended a moment ago.")
    for drop in admission.drops:
        units = admission.units[drop.pk]
        _take(drop, keys, units)
        ShareClaim.objects.create(drop=drop, reference=reference, units=units, keys=keys)
        if drop.pk in lotteries:
            held.add(
                use_right(drop, reference=reference, cart_id=cart_id, keys=keys, units=units, expires_at=expires_at, at=at)
            )
    return held


def _take(drop: Drop, keys: Sequence[str], units: int) -> None:
    mosts = {key: drop.per_address if key.startswith(PLACE) else drop.per_person for key in keys}
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"drop": drop.pk, "units": units, "keys": list(mosts), "mosts": list(mosts.values())})
        taken = {key for (key,) in cursor.fetchall()}
    full = mosts.keys() - taken
    if full:  # the rows that were taken go back with the transaction
        had = dict(Share.objects.filter(drop=drop, key__in=full).values_list("key", "units"))

        def left(keys: Iterable[str]) -> int:
            return min(mosts[key] - had.get(key, 0) for key in keys)

        # A person's own share first: only who has some of it left is told about the address.
        if own := [key for key in full if not key.startswith(PLACE)]:
            raise share_used(drop.name, drop.slug, per_person=drop.per_person, left=left(own))
        raise address_share_used(
            drop.name, drop.slug, per_person=drop.per_person, per_address=drop.per_address, left=left(full)
        )


def give_back(payload: Mapping[str, Any]) -> None:
    """The order ended unpaid: its share is free again, and its right. Runs in the transaction that ends the order, before its
    stock is let go of; a repeat does nothing. What was paid keeps its share, whatever becomes of it later.
    """
    if payload["was"] != "pending_payment":
        return
    reference = payload["number"]
    released = _settle(reference, was=ShareClaim.State.CLAIMED, to=ShareClaim.State.RELEASED)
    drops = {drop.pk: drop for drop in share_locked(row.drop_id for row in released)} if released else {}
    for taken in released:
        with connection.cursor() as cursor:
            cursor.execute(
                "WITH mine AS (SELECT id FROM drops_share WHERE drop_id = %s AND key = ANY(%s) ORDER BY key FOR UPDATE)"
                " UPDATE drops_share s SET units = s.units - %s FROM mine WHERE s.id = mine.id",
                [taken.drop_id, taken.keys, taken.units],
            )
        if drops[taken.drop_id].mode == Drop.Mode.LOTTERY:
            give_right_back(drops[taken.drop_id], reference=reference)


@transaction.atomic
def reclaim(reference: str) -> None:
    """Claim again what an order had given back: late money has come. Call before its stock is held again.

    Raises ShareUsed; DropByLot when its right has passed on.
    """
    again = _settle(reference, was=ShareClaim.State.RELEASED, to=ShareClaim.State.CLAIMED)
    drops = {drop.pk: drop for drop in share_locked(row.drop_id for row in again)} if again else {}
    for taken in again:
        drop = drops[taken.drop_id]
        _take(drop, taken.keys, taken.units)
        if drop.mode == Drop.Mode.LOTTERY and drop.is_live:
            use_again(drop, reference=reference, units=taken.units)


def _settle(reference: str, *, was: str, to: str) -> list[ShareClaim]:
    """Compare-and-set the order's claims; one statement. The rows, by drop."""
    rows = ShareClaim.objects.raw(
        "UPDATE drops_shareclaim SET state = %s WHERE reference = %s AND state = %s RETURNING *", [to, reference, was]
    )
    return sorted(rows, key=lambda row: row.drop_id)
