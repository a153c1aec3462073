"""From the promise to the result: commit to a seed, write the list down, draw."""

import secrets
from datetime import datetime
from typing import cast

from django.db import connection, transaction
from django.utils import timezone

from noirel.core import audit_log
from noirel.core.domain.errors import FieldError, Invalid
from noirel.core.viewer import Viewer
from noirel.drops.errors import DropFixed
from noirel.drops.lot import ALGORITHM, commitment_to, hash_of_list, places
from noirel.drops.models import Commitment, Draw, Drop, Entry, EntryList, Seed
from noirel.drops.services.rights import pass_on
from noirel.inventory import services as inventory
from noirel.inventory.errors import OutOfStock
from noirel.inventory.models import Reservation


def commit_to_draw(drop: Drop, *, variant_id: int) -> None:
    """Promise a draw: a seed by its hash, and the units it is about, held back from now on.

    Call in the announcement's transaction. Raises OutOfStock; Invalid for a variant whose stock is not counted.
    """
    units, closes_at = cast(int, drop.units), cast(datetime, drop.closes_at)  # the table says so of a lottery
    try:
        inventory.reserve({variant_id: units}, reference=drop.reference, expires_at=None)
    except OutOfStock as error:
        line = error.extra["lines"][0]
        many = "1 unit of {sku} is" if line["available"] == 1 else "{available} units of {sku} are"
        detail = f"Only {many.format(**line)} available."
        raise OutOfStock(detail, errors=[FieldError("units", "out_of_stock", detail)], lines=[line]) from error
    if not Reservation.objects.filter(reference=drop.reference).exists():
        raise Invalid(errors=[FieldError("variants", "invalid", "A lottery needs a variant whose stock is counted.")])
    seed = secrets.token_bytes(32)
    Seed.objects.create(drop=drop, seed=seed.hex())
    Commitment.objects.create(
        drop=drop,
        algorithm=ALGORITHM,
        commitment=commitment_to(seed),
        units=units,
        winners=units // drop.per_person,
        beacon_source=drop.beacon_source,
        opens_at=drop.opens_at,
        closes_at=closes_at,
    )


def freeze_entries(drop: Drop) -> EntryList:
    """Write the list of entries down; nobody comes in after it. Call with the drop locked, once its entries have closed."""
    taking_part = entries_of(drop)
    return EntryList.objects.create(drop=drop, entries_hash=hash_of_list(taking_part), entry_count=len(taking_part))


def entries_of(drop: Drop) -> list[str]:
    """The ids that take part, sorted: those whose address was confirmed in time."""
    ids = Entry.objects.filter(drop=drop, confirmed_at__isnull=False).values_list("id", flat=True)
    return sorted(str(id_) for id_ in ids)


@transaction.atomic
def draw(drop: Drop, *, actor: Viewer, beacon: str = "") -> Draw:
    """Draw the places and offer the first of them their right to buy. Drawing again changes nothing.

    beacon is the value of the public source that was named at the announcement, and nothing where none was. Call with the drop
    locked. Raises DropFixed before entries are closed, Invalid for a beacon too many or too few.
    """
    if done := Draw.objects.filter(drop=drop).first():
        return done
    if drop.status != Drop.Status.CLOSED or drop.mode != Drop.Mode.LOTTERY:
        raise DropFixed("There is a draw once entries have closed.", drop_status=drop.status)
    commitment = Commitment.objects.get(drop=drop)
    if bool(commitment.beacon_source) != bool(beacon):
        words = f"The value of {commitment.beacon_source}." if commitment.beacon_source else "No beacon was announced."
        raise Invalid(errors=[FieldError("beacon", "invalid", words)])
    seed = bytes.fromhex(Seed.objects.get(drop=drop).seed)
    order = places(entries_of(drop), seed=seed, beacon=beacon)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE drops_entry e SET place = t.place"
            " FROM unnest(%s::uuid[]) WITH ORDINALITY AS t(id, place) WHERE e.id = t.id",
            [order],
        )
    made = Draw.objects.create(drop=drop, beacon=beacon)
    drop.status = Drop.Status.DRAWN
    drop.save()
    audit_log.record(
        actor=actor, action="drops.draw", target=f"drop:{drop.slug}", after={"entries": len(order), "beacon": beacon}
    )
    pass_on(drop, at=timezone.now())
    return made
