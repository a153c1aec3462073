"""The whole desk: every source side by side, and the one way to settle an item."""

from collections.abc import Sequence
from datetime import UTC, datetime

from django.db import transaction

from noirel.backoffice.review_queue.audit_findings import AuditFindings, SettlementLines, Settlements
from noirel.backoffice.review_queue.disputes import Disputes
from noirel.backoffice.review_queue.failed_deliveries import Events, Unverified, Webhooks
from noirel.backoffice.review_queue.items import MAX_ITEMS, Action, Item, Kind, Source
from noirel.backoffice.review_queue.refunds import Refunds
from noirel.backoffice.review_queue.unmatched import UnmatchedPayments
from noirel.core import audit_log
from noirel.core.domain.errors import NotFound
from noirel.core.viewer import Viewer

SOURCES: Sequence[Source] = (
    UnmatchedPayments(), Refunds(), Disputes(), Webhooks(), Unverified(), Events(), SettlementLines(), Settlements(),
    AuditFindings(),
)  # fmt: skip
FAR_FUTURE = datetime.max.replace(tzinfo=UTC)


def counts() -> dict[str, int]:
    """How many items wait, by kind; every kind is named."""
    found = dict.fromkeys(Kind.values, 0)
    for source in SOURCES:
        for kind, count in source.counts().items():
            found[kind] += count
    return found


def open_items(kinds: Sequence[str] = ()) -> list[Item]:
    """What waits, the nearest deadline first; of each source no more than SHOWN. kinds: none named is all."""
    items = [item for source in SOURCES for item in source.open_items(MAX_ITEMS)]
    chosen = [item for item in items if not kinds or item.kind in kinds]
    return sorted(chosen, key=lambda item: (item.deadline or FAR_FUTURE, item.created_at))


def get_item(item_id: str) -> Item:
    """One item, while it waits. Raises NotFound."""
    return _find(item_id)[2]


def resolve(viewer: Viewer, item_id: str, *, act: str, note: str = "") -> Item:
    """Settle an item by one of its acts; answers the item as it was.

    The effect and the word of who did it, with all the evidence, are one transaction; what the gateway has to be told follows
    it, and is followed up by the clock if we die in between. Call outside any transaction. Raises NotFound, ActNotAllowed,
    AlreadyDecided, Invalid, NothingChanged, and what the act itself raises.
    """
    source, key, item = _find(item_id)
    choice = item.choice(act, note)
    seen = source.check_gateway(key, Action(act))
    with transaction.atomic():
        then = source.decide(viewer, key, Action(act), note.strip(), seen=seen)
        audit_log.record(
            actor=viewer,
            action=f"desk.{act}",
            target=f"desk:{item.id}",
            before={
                "kind": item.kind,
                "subject": item.subject,
                "happened": item.description,
                "order": item.order,
                "amount": item.amount.json() if item.amount else None,
                "evidence": {fact.name: [fact.expected, fact.actual] for fact in item.evidence},
            },
            after={"act": act, "note": note.strip(), "says": choice.description},
        )
    if then is not None:
        then()
    return item


def _find(item_id: str) -> tuple[Source, str, Item]:
    prefix, _, key = item_id.partition("-")
    source = next((source for source in SOURCES if source.prefix == prefix), None)
    item = source.find(key) if source and key else None
    if source is None or item is None:
        raise NotFound("It is not in the review queue any more: it was settled meanwhile.")
    return source, key, item
