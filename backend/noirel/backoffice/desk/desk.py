"""The whole desk: every source side by side, and the one way to settle an item."""

from collections.abc import Sequence
from datetime import UTC, datetime

from django.db import transaction

from noirel.backoffice.desk.disputes import Disputes
from noirel.backoffice.desk.items import SHOWN, Act, Item, Kind, Source
from noirel.backoffice.desk.proofs import Findings, Lines, Settlements
from noirel.backoffice.desk.refunds import Refunds
from noirel.backoffice.desk.strays import Strays
from noirel.backoffice.desk.untold import Events, Unverified, Webhooks
from noirel.core import audit
from noirel.core.errors import NotFound
from noirel.core.viewer import Viewer

SOURCES: Sequence[Source] = (
    Strays(), Refunds(), Disputes(), Webhooks(), Unverified(), Events(), Lines(), Settlements(), Findings(),
)  # fmt: skip
NEVER = datetime.max.replace(tzinfo=UTC)


def counts() -> dict[str, int]:
    """How many items wait, by kind; every kind is named."""
    found = dict.fromkeys(Kind.values, 0)
    for source in SOURCES:
        for kind, count in source.counts().items():
            found[kind] += count
    return found


def waiting(kinds: Sequence[str] = ()) -> list[Item]:
    """What waits, the nearest deadline first; of each source no more than SHOWN. kinds: none named is all."""
    items = [item for source in SOURCES for item in source.waiting(SHOWN)]
    chosen = [item for item in items if not kinds or item.kind in kinds]
    return sorted(chosen, key=lambda item: (item.deadline or NEVER, item.created_at))


def item_of(item_id: str) -> Item:
    """One item, while it waits. Raises NotFound."""
    return _found(item_id)[2]


def resolve(viewer: Viewer, item_id: str, *, act: str, note: str = "") -> Item:
    """Settle an item by one of its acts; answers the item as it was.

    The effect and the word of who did it, with all the evidence, are one transaction; what the gateway has to be told follows
    it, and is followed up by the clock if we die in between. Call outside any transaction. Raises NotFound, ActNotAllowed,
    AlreadyDecided, Invalid, NothingChanged, and what the act itself raises.
    """
    source, key, item = _found(item_id)
    choice = item.choice(act, note)
    seen = source.look(key, Act(act))
    with transaction.atomic():
        then = source.decide(viewer, key, Act(act), note.strip(), seen=seen)
        audit.record(
            actor=viewer,
            action=f"desk.{act}",
            target=f"desk:{item.id}",
            before={
                "kind": item.kind,
                "subject": item.subject,
                "happened": item.happened,
                "order": item.order,
                "amount": item.amount.json() if item.amount else None,
                "evidence": {fact.name: [fact.asked, fact.told] for fact in item.evidence},
            },
            after={"act": act, "note": note.strip(), "says": choice.says},
        )
    if then is not None:
        then()
    return item


def _found(item_id: str) -> tuple[Source, str, Item]:
    prefix, _, key = item_id.partition("-")
    source = next((source for source in SOURCES if source.prefix == prefix), None)
    item = source.find(key) if source and key else None
    if source is None or item is None:
        raise NotFound("It is not on the desk. Somebody settled it, or it settled itself.")
    return source, key, item
