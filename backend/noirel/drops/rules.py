"""What a drop asks of a buyer, as it stands beside the variant it covers. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from noirel.core.shop_time import format_moment
from noirel.drops.errors import DropByLot, DropClosed, DropNotOpen, ShareUsed


class Standing(StrEnum):
    """Where a drop is in its time, to somebody who wants to buy; the values are the refusals' codes."""

    OPEN = "open"
    NOT_OPEN = "drop_not_open"
    CLOSED = "drop_closed"
    BY_LOT = "drop_by_lot"


@dataclass(frozen=True, slots=True)
class Terms:
    """A live drop as its variants carry it: nothing has to be looked up to say whether one may buy."""

    slug: str
    name: str
    mode: str
    opens_at: datetime
    closes_at: datetime | None
    per_person: int
    hold_seconds: int

    @classmethod
    def of(cls, written: Mapping[str, Any]) -> "Terms":
        closes_at = written["closes_at"]
        return cls(
            **{
                **written,
                "opens_at": datetime.fromisoformat(written["opens_at"]),
                "closes_at": datetime.fromisoformat(closes_at) if closes_at else None,
            }
        )

    def json(self) -> dict[str, Any]:
        """As it is written on the variant; instants in UTC with a Z, like everything we tell."""
        told = asdict(self)
        for name in ("opens_at", "closes_at"):
            at = told[name]
            told[name] = at.isoformat().replace("+00:00", "Z") if at else None
        return told

    def with_right(self, until: datetime) -> "Terms":
        """The terms for who holds a right that was drawn: a sale that closes when the right lapses."""
        return replace(self, mode="first_come", closes_at=until)

    def standing(self, at: datetime) -> Standing:
        """A lottery is never bought from directly: whoever holds a right is let in before this is asked."""
        if self.mode == "lottery":
            return Standing.BY_LOT
        if at < self.opens_at:
            return Standing.NOT_OPEN
        if self.closes_at is not None and at >= self.closes_at:
            return Standing.CLOSED
        return Standing.OPEN


@dataclass(frozen=True, slots=True)
class Asked:
    """So many of one SKU that is in a drop."""

    sku: str
    terms: Terms
    quantity: int


def must_be_admitted(asked: Iterable[Asked], *, at: datetime) -> None:
    """Whether these may be bought now, by anybody. Raises DropNotOpen, DropClosed, DropByLot; ShareUsed for more than one
    person may have over all of a drop's variants, whoever it is."""
    wanted: dict[str, int] = {}
    for want in asked:
        terms = want.terms
        lines = [{"sku": want.sku}]
        match terms.standing(at):
            case Standing.NOT_OPEN:
                raise DropNotOpen(
                    f"{terms.name} opens on {format_moment(terms.opens_at)}.",
                    drop=terms.slug,
                    opens_at=terms.json()["opens_at"],
                    lines=lines,
                )
            case Standing.CLOSED:
                raise DropClosed(f"{terms.name} has closed.", drop=terms.slug, lines=lines)
            case Standing.BY_LOT:
                raise DropByLot(f"{terms.name} is drawn by lot.", drop=terms.slug, lines=lines)
        wanted[terms.slug] = wanted.get(terms.slug, 0) + want.quantity
        if wanted[terms.slug] > terms.per_person:
            raise share_used(terms.name, terms.slug, per_person=terms.per_person)


def share_used(name: str, slug: str, *, per_person: int, left: int | None = None) -> ShareUsed:
    """The refusal, in words. left: what this person may still have, when it is known who that is."""
    if left is None:
        left = per_person
        detail = f"{name}: {per_person} for each person."
    else:
        detail = f"{name}: {per_person} for each person, and you may have {left} more." if left else (
            f"{name}: {per_person} for each person, and you have had yours."
        )  # fmt: skip
    return ShareUsed(detail, drop=slug, limit="person", per_person=per_person, left=left)


def address_share_used(name: str, slug: str, *, per_person: int, per_address: int, left: int) -> ShareUsed:
    """The refusal of somebody whose own share is free, while what may go to their delivery address is used up or nearly so."""
    rest = f"and {left} more may go to this one" if left else "and this one has had as many"
    return ShareUsed(
        f"{name}: {per_address} for each delivery address, {rest}.",
        drop=slug,
        limit="address",
        per_person=per_person,
        per_address=per_address,
        left=left,
    )
