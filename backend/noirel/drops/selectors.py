"""What the shop tells of its drops. A draft is nobody's business but the staff's."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.utils import timezone

from noirel.catalog.sellable import sellable
from noirel.core.domain.errors import NotFound
from noirel.drops.models import Commitment, Draw, Drop, DropVariant, Entry, EntryList, Seed
from noirel.drops.tokens import token_for


def drops_json() -> list[dict[str, Any]]:
    """Every drop that was ever announced, the latest first. Three statements."""
    return _told(Drop.objects.exclude(status=Drop.Status.DRAFT).order_by("-opens_at", "-id")[:50])


def drop_json(slug: str) -> dict[str, Any]:
    """One drop. Raises NotFound for a draft as for none."""
    found = _told(Drop.objects.exclude(status=Drop.Status.DRAFT).filter(slug=slug))
    if not found:
        raise NotFound("There is no such drop.")
    return found[0]


def _told(drops: Iterable[Drop]) -> list[dict[str, Any]]:
    rows = list(drops)
    covered: dict[int, list[str]] = {}
    for drop_id, sku in DropVariant.objects.filter(drop__in=rows).order_by("position").values_list("drop_id", "variant__sku"):
        covered.setdefault(drop_id, []).append(sku)
    lotteries = [drop.pk for drop in rows if drop.mode == Drop.Mode.LOTTERY]
    lots = _lotteries(lotteries) if lotteries else {}
    items = sellable([sku for skus in covered.values() for sku in skus])
    return [
        {
            "slug": drop.slug,
            "name": drop.name,
            "words": drop.words,
            "mode": drop.mode,
            "status": drop.status,
            "opens_at": drop.opens_at,
            "closes_at": drop.closed_at or drop.closes_at,
            "per_person": drop.per_person,
            "per_address": drop.per_address,
            "hold_seconds": drop.hold_seconds,
            "postponed": postponed_json(drop),
            "variants": [
                {
                    "sku": item.sku,
                    "title": item.title,
                    "price": item.price.json(),
                    "product": {
                        "slug": item.product_slug,
                        "name": item.product_name,
                        "subtitle": item.product_subtitle,
                        "attributes": item.attributes,
                    },
                    "image": item.image,
                    "in_stock": item.is_sold_separately and (item.available is None or item.available > 0),
                }
                for sku in covered.get(drop.pk, [])
                if (item := items.get(sku)) is not None
            ],
            "lottery": lots.get(drop.pk),
        }
        for drop in rows
    ]


def postponed_json(drop: Drop) -> dict[str, Any] | None:
    """What was announced before the drop was postponed; None for one that never was."""
    if drop.postponed_at is None:
        return None
    return {
        "at": drop.postponed_at,
        "announced_opens_at": drop.announced_opens_at,
        "announced_closes_at": drop.announced_closes_at,
        "reason": drop.postponed_reason,
    }


def _lotteries(drop_ids: list[int]) -> dict[int, dict[str, Any]]:
    """What is public of these lotteries, in one statement; how many are in it only once the list is written down."""
    promised = Commitment.objects.filter(drop__in=drop_ids).select_related("drop", "drop__entry_list", "drop__draw")
    return {promise.pk: lottery_json(promise) for promise in promised}


def lottery_json(promise: Commitment) -> dict[str, Any]:
    """The public half of one lottery."""
    drop = promise.drop
    listed: EntryList | None = getattr(drop, "entry_list", None)
    drawn: Draw | None = getattr(drop, "draw", None)
    return {
        "algorithm": promise.algorithm,
        "commitment": promise.commitment,
        "committed_at": promise.at,
        "units": promise.units,
        "winners": promise.winners,
        "claim_seconds": drop.claim_seconds,
        "beacon_source": promise.beacon_source,
        "beacon": drawn.beacon if drawn else None,
        "entry_count": listed.entry_count if listed else None,
        "entries_hash": listed.entries_hash if listed else None,
        "listed_at": listed.at if listed else None,
        "drawn_at": drawn.at if drawn else None,
    }


def draw_json(slug: str) -> dict[str, Any]:
    """All that is needed to run the draw again. The list of entries is public once it is written down, the seed once drawn.

    Raises NotFound for what is no lottery, or not announced.
    """
    promised = Commitment.objects.select_related("drop", "drop__entry_list", "drop__draw").filter(drop__slug=slug).first()
    if promised is None:
        raise NotFound("There is no such lottery.")
    told = lottery_json(promised)
    is_listed, is_drawn = told["listed_at"] is not None, told["drawn_at"] is not None
    taking_part = Entry.objects.filter(drop=promised.drop, confirmed_at__isnull=False)
    order = [str(id_) for id_ in taking_part.order_by("place").values_list("id", flat=True)] if is_listed else []
    return {
        "drop": slug,
        **told,
        "entries": sorted(order) if is_listed else None,
        "seed": Seed.objects.get(drop=promised.drop).seed if is_drawn else None,
        "order": order if is_drawn else None,
    }


def entry_json(entry: Entry) -> dict[str, Any]:
    """An entry, to whom it belongs."""
    state = str(entry.state)
    if entry.state == Entry.State.OFFERED:
        state = "won" if entry.claim_by and entry.claim_by > timezone.now() else "lapsed"
    elif entry.state == Entry.State.ENTERED and entry.place is not None:
        state = "ended" if entry.drop.status == Drop.Status.ENDED else "waiting"
    return {
        "id": str(entry.pk),
        "token": token_for(entry.pk),
        "drop": entry.drop.slug,
        "state": state,
        "entered_at": entry.confirmed_at,
        "place": entry.place,
        "claim_by": entry.claim_by if state == "won" else None,
        "order": entry.order or None,
    }


def own_entry(user_id: UUID | None, slug: str) -> Entry:
    """The signed-in person's entry. Raises NotFound."""
    mine = Entry.objects.select_related("drop").filter(drop__slug=slug)
    entry = mine.filter(user_id=user_id).first() if user_id else None
    if entry is None:
        raise NotFound("You have not entered.")
    return entry
