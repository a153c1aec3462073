"""What was never told: events of ours that nobody took, and webhooks that could not be applied."""

import json
from typing import Any, ClassVar

from django.db.models import Count, Max, Min, QuerySet, Sum
from django.utils import timezone

from noirel.backoffice.desk.items import Act, AlreadyDecided, Choice, Evidence, Item, Kind, Source, Then, first, number_of, sum_
from noirel.core.models import OutboxEvent
from noirel.core.money import Money, is_currency
from noirel.core.shop_time import format_moment
from noirel.core.viewer import Viewer
from noirel.orders.models import Order
from noirel.payments.lifecycle import Fact
from noirel.payments.models import GatewayEvent, Payment, StrayMoney, UnverifiedEvent
from noirel.payments.services.webhook import apply_event, replay_unverified


class Events(Source):
    """Outbox events that failed for hours and were parked."""

    prefix: ClassVar[str] = "event"

    def counts(self) -> dict[str, int]:
        return {Kind.EVENT_PARKED: self._rows().count()}

    def waiting(self, limit: int) -> list[Item]:
        rows = list(self._rows().order_by("id")[:limit])
        orders = set(Order.objects.filter(number__in=[row.key for row in rows]).values_list("number", flat=True))
        return [_event_item(row, row.key if row.key in orders else None) for row in rows]

    def find(self, key: str) -> Item | None:
        row = self._rows().filter(pk=number_of(key)).first()
        return _event_item(row, Order.objects.filter(number=row.key).values_list("number", flat=True).first()) if row else None

    def decide(self, viewer: Viewer, key: str, act: Act, note: str, *, seen: Fact | None) -> Then | None:
        now = timezone.now()
        changes: dict[str, Any] = {"parked_at": None}
        changes |= {"done_at": now} if act is Act.DISMISS else {"attempts": 0, "not_before": now}
        if not self._rows().filter(pk=key).update(**changes):
            raise AlreadyDecided
        return None

    def _rows(self) -> QuerySet[OutboxEvent]:
        return OutboxEvent.objects.filter(parked_at__isnull=False, done_at=None)


def _event_item(event: OutboxEvent, order: str | None) -> Item:
    told = ", ".join(event.told)
    return Item(
        id=f"{Events.prefix}-{event.pk}",
        kind=Kind.EVENT_PARKED,
        subject=event.name,
        happened=f"{event.name} of {event.key} could not be told after {event.attempts} tries. Later news of it went on.",
        why="Whoever had to act on it, a mail for one, has not done so. Trying again does nothing twice.",
        choices=[
            Choice(Act.RETRY, "Tell it again", "It is told again, to those only who have not heard it."),
            Choice(Act.DISMISS, "Set it aside", "It is never told. Whoever waited for it hears nothing.", needs_note=True),
        ],
        created_at=event.created_at,
        order=order,
        evidence=[
            Evidence("Event", event.name, ""),
            Evidence("About", event.key, ""),
            Evidence("Heard by", told, ""),
            Evidence("Last answer", "", event.last_error[:500]),
        ],
    )


class Webhooks(Source):
    """What the gateway sent and we could not apply."""

    prefix: ClassVar[str] = "webhook"

    def counts(self) -> dict[str, int]:
        return {Kind.WEBHOOK_PARKED: self._rows().count()}

    def waiting(self, limit: int) -> list[Item]:
        return [_webhook_item(row) for row in self._rows().order_by("id")[:limit]]

    def find(self, key: str) -> Item | None:
        row = self._rows().filter(pk=number_of(key)).first()
        return _webhook_item(row) if row else None

    def decide(self, viewer: Viewer, key: str, act: Act, note: str, *, seen: Fact | None) -> Then | None:
        now = timezone.now()
        if act is Act.DISMISS:
            said = f"Set aside by {viewer.name}: {note}"[:2000]
            if not self._rows().filter(pk=key).update(applied_at=now, problem=said):
                raise AlreadyDecided
            return None
        if not self._rows().filter(pk=key).update(tries=0, retry_at=now):
            raise AlreadyDecided
        return lambda: apply_event(GatewayEvent.objects.get(pk=key))

    def _rows(self) -> QuerySet[GatewayEvent]:
        return GatewayEvent.objects.filter(applied_at=None, retry_at=None)


class Unverified(Source):
    """Webhooks whose signature did not fit: one item for all of them, since anybody can send us any number."""

    prefix: ClassVar[str] = "unverified"

    def counts(self) -> dict[str, int]:
        return {Kind.WEBHOOK_PARKED: int(UnverifiedEvent.objects.exists())}

    def waiting(self, limit: int) -> list[Item]:
        item = self.find("all")
        return [item] if item else []

    def find(self, key: str) -> Item | None:
        said = UnverifiedEvent.objects.aggregate(n=Count("pk"), times=Sum("times"), since=Min("first_at"), last=Max("last_at"))
        if key != "all" or not said["n"]:
            return None
        return Item(
            id=f"{self.prefix}-all",
            kind=Kind.WEBHOOK_PARKED,
            subject="signature",
            happened=f"{said['n']} webhooks came with a signature that does not fit ours. Nothing in them was believed.",
            why="Either somebody tries to fool us, or the secret in our settings is not the one in the gateway's dashboard.",
            choices=[
                Choice(Act.RETRY, "Check them again", "Those that fit the secrets of now are taken in. The others stay."),
                Choice(Act.DISMISS, "Throw them away", "They are forgotten. The gateway is asked about payments anyway.", True),
            ],
            created_at=said["since"],
            evidence=[
                Evidence("Webhooks", "", str(said["n"])),
                Evidence("Deliveries", "", str(said["times"])),
                Evidence("Last one", "", format_moment(said["last"])),
            ],
        )

    def decide(self, viewer: Viewer, key: str, act: Act, note: str, *, seen: Fact | None) -> Then | None:
        if act is Act.DISMISS:
            UnverifiedEvent.objects.all().delete()
            return None
        UnverifiedEvent.objects.update(checked_with="")
        return replay_unverified


def _webhook_item(event: GatewayEvent) -> Item:
    payment = _payment_in(event)
    is_others = bool(event.mark)
    amount, currency, payment_id = payment.get("amount"), payment.get("currency"), str(payment.get("id") or "")
    named = isinstance(amount, int) and isinstance(currency, str) and is_currency(currency)
    attempt = _attempt_of(payment)
    told = sum_(amount, currency) if named and isinstance(amount, int) and isinstance(currency, str) else ""
    choices = [
        Choice(Act.RETRY, "Apply it again", "It is applied again. What it tells is taken in once, however often it is tried.")
    ]
    if is_others or _is_explained(payment_id, payment):
        known = "It is not ours to book." if is_others else "The money it tells of is known already."
        says = f"It stays in the store and is not applied. {known}"
        choices.append(Choice(Act.DISMISS, "Set it aside", says, needs_note=True))
    return Item(
        id=f"{Webhooks.prefix}-{event.pk}",
        kind=Kind.WEBHOOK_PARKED,
        subject=event.event_id,
        happened=f"The gateway sent {first(event.name, 'something')}. {_hindrance(event)}",
        why="It may tell of money we have not heard of otherwise. It can be tried as often as you like.",
        choices=choices,
        created_at=event.received_at,
        order=attempt.order.number if attempt else None,
        amount=Money(amount, currency) if named and isinstance(amount, int) and isinstance(currency, str) else None,
        evidence=[
            Evidence("Event", "", event.name),
            Evidence("Payment", (attempt.gateway_payment_id or "") if attempt else "", payment_id),
            Evidence("State", attempt.status if attempt else "", str(payment.get("status") or "")),
            Evidence("Gateway order", (attempt.gateway_order_id or "") if attempt else "", str(payment.get("order_id") or "")),
            Evidence(
                "Amount",
                sum_(attempt.amount, attempt.currency) if attempt else "",
                told,
            ),
            Evidence("Why not", "", first(event.problem[:500], "nothing was noted")),
        ],
    )


def _hindrance(event: GatewayEvent) -> str:
    if event.mark:
        return f"It was left alone: {GatewayEvent.Mark(event.mark).label.lower()}."
    return f"It could not be applied in {event.tries} tries."


def _payment_in(event: GatewayEvent) -> dict[str, Any]:
    try:
        entity = json.loads(bytes(event.body))["payload"]["payment"]["entity"]
    except (ValueError, KeyError, TypeError):
        return {}
    return entity if isinstance(entity, dict) else {}


def _attempt_of(payment: dict[str, Any]) -> Payment | None:
    order_id = payment.get("order_id")
    return Payment.objects.select_related("order").filter(gateway_order_id=order_id).first() if order_id else None


def _is_explained(payment_id: str, payment: dict[str, Any]) -> bool:
    """Whether leaving the news aside leaves no money unexplained."""
    if payment.get("status") in {"failed", "created"}:
        return True
    return bool(payment_id) and (
        Payment.objects.filter(gateway_payment_id=payment_id, status="captured").exists()
        or StrayMoney.objects.filter(gateway_payment_id=payment_id).exists()
    )
