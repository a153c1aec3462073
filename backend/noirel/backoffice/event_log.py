"""Reads of what was told to us and by us: webhooks as they came, and our own events."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Max, Q, QuerySet

from noirel.core.models import OutboxEvent
from noirel.payments.models import GatewayEvent, Payment

# Ids of the gateway are looked for inside the bodies of this many events, the newest.
MAX_SCANNED = 20_000
_GATEWAY_IDS = ("pay_", "order_", "rfnd_", "disp_")

WEBHOOK_STATES = {
    "waiting": Q(applied_at=None, retry_at__isnull=False),
    "parked": Q(applied_at=None, retry_at=None, mark=""),
    "left_alone": Q(applied_at=None, retry_at=None) & ~Q(mark=""),
    "set_aside": Q(applied_at__isnull=False) & ~Q(problem=""),
    "applied": Q(applied_at__isnull=False, problem=""),
}
OUTBOX_STATES = {
    "waiting": Q(done_at=None, parked_at=None),
    "parked": Q(done_at=None, parked_at__isnull=False),
    "set_aside": Q(done_at__isnull=False) & ~Q(last_error=""),
    "told": Q(done_at__isnull=False, last_error=""),
}


@dataclass(frozen=True)
class EventSubject:
    """What a webhook tells of; empty where it does not say."""

    subject: str = ""
    gateway_order_id: str = ""
    gateway_payment_id: str = ""


def webhook_state(event: GatewayEvent) -> str:
    """The one of WEBHOOK_STATES it is in."""
    if event.applied_at is not None:
        return "set_aside" if event.problem else "applied"
    if event.retry_at is not None:
        return "waiting"
    return "left_alone" if event.mark else "parked"


def outbox_state(event: OutboxEvent) -> str:
    """The one of OUTBOX_STATES it is in."""
    if event.done_at is not None:
        return "set_aside" if event.last_error else "told"
    return "waiting" if event.parked_at is None else "parked"


def webhooks(*, state: str = "", q: str = "") -> QuerySet[GatewayEvent]:
    """Stored webhooks in a state, by name or id, or by the id of what is told of."""
    rows = GatewayEvent.objects.filter(WEBHOOK_STATES[state]) if state else GatewayEvent.objects.all()
    if q.startswith(_GATEWAY_IDS):
        newest = GatewayEvent.objects.aggregate(newest=Max("id"))["newest"] or 0
        rows = rows.filter(id__gt=newest - MAX_SCANNED)
        return rows.extra(where=["position(%s::bytea in body) > 0"], params=[q.encode()])
    return rows.filter(Q(name__istartswith=q) | Q(event_id=q)) if q else rows


def outbox(*, state: str = "", q: str = "") -> QuerySet[OutboxEvent]:
    """Our own events in a state, by name or key."""
    rows = OutboxEvent.objects.filter(OUTBOX_STATES[state]) if state else OutboxEvent.objects.all()
    return rows.filter(Q(name__istartswith=q) | Q(key__iexact=q)) if q else rows


def subject_of(event: GatewayEvent) -> EventSubject:
    """What the body names: the refund or dispute before its payment, the payment before its order."""
    try:
        payload = event.content()["payload"]
        parts = {name: part["entity"] for name, part in payload.items() if isinstance(part["entity"], dict)}
    except (ValueError, KeyError, TypeError, AttributeError):
        return EventSubject()
    payment, order = parts.get("payment", {}), parts.get("order", {})
    first = next((parts[name] for name in ("refund", "dispute", "payment", "order") if name in parts), {})
    return EventSubject(
        subject=str(first.get("id") or ""),
        gateway_order_id=str(payment.get("order_id") or order.get("id") or ""),
        gateway_payment_id=str(payment.get("id") or first.get("payment_id") or ""),
    )


def order_numbers(events: Iterable[GatewayEvent]) -> dict[int, str]:
    """The numbers of the orders that these events are about, by the event's id. One statement."""
    named = {event.pk: subject_of(event) for event in events}
    known = Payment.objects.filter(
        Q(gateway_order_id__in={one.gateway_order_id for one in named.values() if one.gateway_order_id})
        | Q(gateway_payment_id__in={one.gateway_payment_id for one in named.values() if one.gateway_payment_id})
    ).values_list("gateway_order_id", "gateway_payment_id", "order__number")
    numbers = {id_: number for order_id, payment_id, number in known for id_ in (order_id, payment_id) if id_}
    found = {pk: numbers.get(one.gateway_order_id) or numbers.get(one.gateway_payment_id) for pk, one in named.items()}
    return {pk: number for pk, number in found.items() if number}
