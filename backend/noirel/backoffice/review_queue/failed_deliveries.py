"""What was never told: events of ours that nobody took, and webhooks that could not be applied."""

from typing import Any, ClassVar

from django.db.models import Count, Max, Min, QuerySet, Sum
from django.utils import timezone

from noirel.backoffice.event_log import subject_of
from noirel.backoffice.review_queue.items import (
    Action,
    AfterCommit,
    AlreadyDecided,
    Choice,
    Evidence,
    Item,
    Kind,
    NothingChanged,
    Source,
    first_non_empty,
    format_amount,
    parse_number,
)
from noirel.core.domain.money import Money, format_money, is_currency
from noirel.core.events import deliver_now
from noirel.core.models import OutboxEvent
from noirel.core.shop_time import format_moment
from noirel.core.viewer import Viewer
from noirel.orders.models import Order
from noirel.payments.errors import GatewayRefused
from noirel.payments.lifecycle import PaymentUpdate, State
from noirel.payments.models import GatewayEvent, Payment, UnmatchedPayment, UnverifiedEvent
from noirel.payments.razorpay import gateway
from noirel.payments.services.apply_update import apply_payment_update, record_unmatched_capture
from noirel.payments.services.webhook import Obstacle, apply_event, close_unapplied, give_up, obstacle_to, replay_unverified
from noirel.payments.services.webhook_auth import is_signed, secrets_fingerprint

MAX_CHECKED = 100


class Events(Source):
    """Outbox events that failed for hours and were parked."""

    prefix: ClassVar[str] = "event"

    def counts(self) -> dict[str, int]:
        return {Kind.EVENT_PARKED: self._rows().count()}

    def open_items(self, limit: int) -> list[Item]:
        rows = list(self._rows().order_by("id")[:limit])
        orders = set(Order.objects.filter(number__in=[row.key for row in rows]).values_list("number", flat=True))
        return [_event_item(row, row.key if row.key in orders else None) for row in rows]

    def find(self, key: str) -> Item | None:
        row = self._rows().filter(pk=parse_number(key)).first()
        return _event_item(row, Order.objects.filter(number=row.key).values_list("number", flat=True).first()) if row else None

    def decide(self, viewer: Viewer, key: str, act: Action, note: str, *, seen: PaymentUpdate | None) -> AfterCommit | None:
        rows = self._rows().filter(pk=key)
        if act is Action.DISMISS:
            if not rows.update(parked_at=None, done_at=timezone.now()):
                raise AlreadyDecided
            return None
        if not rows.update(attempts=0):
            raise AlreadyDecided
        return lambda: _redeliver(key)

    def _rows(self) -> QuerySet[OutboxEvent]:
        return OutboxEvent.objects.filter(parked_at__isnull=False, done_at=None)


def _redeliver(key: str) -> None:
    if problem := deliver_now(OutboxEvent.objects.get(pk=key)):
        raise NothingChanged(f"It was delivered again and failed again: {problem[:500]}")


def _event_item(event: OutboxEvent, order: str | None) -> Item:
    told = ", ".join(event.told)
    return Item(
        id=f"{Events.prefix}-{event.pk}",
        kind=Kind.EVENT_PARKED,
        subject=event.name,
        description=f"{event.name} of {event.key} could not be delivered in {event.attempts} attempts. Later ones were.",
        reason="What follows from it, such as an e-mail, has not happened. Sending it again repeats nothing.",
        choices=[
            Choice(Action.RETRY, "Deliver it again", "It is delivered now, to those handlers only that have not had it."),
            Choice(Action.DISMISS, "Set it aside", "It is never delivered, and nothing follows from it.", needs_note=True),
        ],
        created_at=event.created_at,
        order=order,
        evidence=[
            Evidence("Event", event.name, ""),
            Evidence("About", event.key, ""),
            Evidence("Delivered to", told, ""),
            Evidence("Last answer", "", event.last_error[:500]),
        ],
    )


class Webhooks(Source):
    """What the gateway sent and we could not apply."""

    prefix: ClassVar[str] = "webhook"

    def counts(self) -> dict[str, int]:
        return {Kind.WEBHOOK_PARKED: self._rows().count()}

    def open_items(self, limit: int) -> list[Item]:
        return [_webhook_item(row) for row in self._rows().order_by("id")[:limit]]

    def find(self, key: str) -> Item | None:
        row = self._rows().filter(pk=parse_number(key)).first()
        return _webhook_item(row) if row else None

    def check_gateway(self, key: str, act: Action) -> PaymentUpdate | None:
        """The payment an unknown event names, as the gateway has it; None when the gateway does not know it either."""
        event = GatewayEvent.objects.get(pk=key)
        if act is not Action.RETRY or obstacle_to(event) is not Obstacle.UNKNOWN:
            return None
        try:
            return gateway().payment(_payment_id(event))
        except GatewayRefused:
            return None

    def decide(self, viewer: Viewer, key: str, act: Action, note: str, *, seen: PaymentUpdate | None) -> AfterCommit | None:
        event = self._rows().select_for_update().filter(pk=key).first()
        if event is None:
            raise AlreadyDecided
        if act is Action.DISMISS:
            close_unapplied(event, why=f"Set aside by {viewer.name}: {note}")
            return None
        if obstacle_to(event) is Obstacle.UNKNOWN:
            return _record_payment(event, seen)
        return lambda: _reapply(event)

    def _rows(self) -> QuerySet[GatewayEvent]:
        return GatewayEvent.objects.filter(applied_at=None, retry_at=None)


def _reapply(event: GatewayEvent) -> None:
    if not apply_event(event):
        give_up(event)
        raise NothingChanged(f"It could still not be applied. {GatewayEvent.objects.get(pk=event.pk).problem[:500]}".strip())


def _record_payment(event: GatewayEvent, seen: PaymentUpdate | None) -> AfterCommit | None:
    """What the gateway said of an unknown payment: captured money is put on the queue, and the event is applied or closed."""
    if seen is None:
        close_unapplied(event, why="The gateway does not know this payment.")
        return None
    if seen.state is State.CAPTURED and apply_payment_update(seen, source="queue") is None:
        record_unmatched_capture(seen)

    def apply_or_close() -> None:
        if not apply_event(event):
            close_unapplied(event, why=f"The gateway says that the payment is {seen.status}.")

    return apply_or_close


class Unverified(Source):
    """Webhooks whose signature did not fit: one item for all of them, since anybody can send us any number."""

    prefix: ClassVar[str] = "unverified"

    def counts(self) -> dict[str, int]:
        return {Kind.WEBHOOK_PARKED: int(UnverifiedEvent.objects.exists())}

    def open_items(self, limit: int) -> list[Item]:
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
            description=f"{said['n']} webhooks had a signature that doesn't match ours. They were ignored.",
            reason="Either they are forged, or the secret in our settings is not the one in the gateway's dashboard.",
            choices=[
                *(_check_again() if self._fitting() else []),
                Choice(
                    Action.DISMISS,
                    "Delete them",
                    "They are deleted. Every payment is polled in any case.",
                    needs_note=True,
                ),
            ],
            created_at=said["since"],
            evidence=[
                Evidence("Webhooks", "", str(said["n"])),
                Evidence("Deliveries", "", str(said["times"])),
                Evidence("Last one", "", format_moment(said["last"])),
            ],
        )

    def decide(self, viewer: Viewer, key: str, act: Action, note: str, *, seen: PaymentUpdate | None) -> AfterCommit | None:
        if act is Action.DISMISS:
            UnverifiedEvent.objects.all().delete()
            return None
        UnverifiedEvent.objects.update(checked_with="")
        return replay_unverified

    def _fitting(self) -> bool:
        """Whether one of the first of them fits the secrets of now: the settings were corrected a moment ago."""
        rows = UnverifiedEvent.objects.exclude(checked_with=secrets_fingerprint()).order_by("id")[:MAX_CHECKED]
        return any(is_signed(bytes(row.body), row.signature) for row in rows)


def _check_again() -> list[Choice]:
    return [Choice(Action.RETRY, "Check them again", "Those that fit the current secrets are applied. The others stay here.")]


def _webhook_item(event: GatewayEvent) -> Item:
    payment = _payment_in(event)
    amount, currency, payment_id = payment.get("amount"), payment.get("currency"), str(payment.get("id") or "")
    sum__ = Money(amount, currency) if isinstance(amount, int) and isinstance(currency, str) and is_currency(currency) else None
    attempt = _attempt_of(payment)
    obstacle = obstacle_to(event)
    return Item(
        id=f"{Webhooks.prefix}-{event.pk}",
        kind=Kind.WEBHOOK_PARKED,
        subject=event.event_id,
        description=(
            f"The gateway sent {first_non_empty(event.name, 'a webhook without a name')}. {_description(event, obstacle)}"
        ),
        reason=WHY[obstacle],
        choices=_webhook_choices(event, obstacle, payment_id, payment),
        created_at=event.received_at,
        order=attempt.order.number if attempt else None,
        amount=sum__,
        evidence=[
            Evidence("Event", "", event.name),
            Evidence("Payment", (attempt.gateway_payment_id or "") if attempt else "", payment_id),
            Evidence("State", attempt.status if attempt else "", str(payment.get("status") or "")),
            Evidence("Gateway order", (attempt.gateway_order_id or "") if attempt else "", str(payment.get("order_id") or "")),
            Evidence(
                "Amount",
                format_amount(attempt.amount, attempt.currency) if attempt else "",
                format_money(sum__) if sum__ else "",
            ),
            Evidence("Account", "", event.account_id if obstacle is Obstacle.OTHER_ACCOUNT else ""),
            Evidence("Problem", "", event.problem[:500]),
        ],
    )


WHY: dict[Obstacle | None, str] = {
    None: "Nothing known prevents it now.",
    Obstacle.OTHER_ACCOUNT: "It is another account's money, never booked here. If the account is yours, correct the setting.",
    Obstacle.OTHER_MODE: "Test and live keys do not see each other's payments. It is not booked while these keys are in use.",
    Obstacle.UNREADABLE: "Applying it again can't work. Every payment is polled in any case.",
    Obstacle.UNKNOWN: "It may be about money that no order here asked for. The gateway knows.",
}


def _webhook_choices(event: GatewayEvent, obstacle: Obstacle | None, payment_id: str, payment: dict[str, Any]) -> list[Choice]:
    def aside(says: str) -> Choice:
        return Choice(Action.DISMISS, "Set it aside", f"{says} It is kept, and not applied.", needs_note=True)

    is_explained = _is_explained(payment_id, payment)
    if obstacle in {Obstacle.OTHER_ACCOUNT, Obstacle.OTHER_MODE, Obstacle.UNREADABLE}:
        return [aside(obstacle.label)]
    if obstacle is Obstacle.UNKNOWN:
        if is_explained or not _payment_id(event):
            return [aside("The money it names is accounted for." if is_explained else "It names no payment.")]
        says = "If the gateway holds money for it, that becomes an item of this queue. The webhook is closed in any case."
        return [Choice(Action.RETRY, "Ask the gateway", says)]
    again = Choice(Action.RETRY, "Apply it again", "It is applied now. Repeats have no effect.")
    return [again, aside("The money it names is accounted for.")] if is_explained else [again]


def _description(event: GatewayEvent, obstacle: Obstacle | None) -> str:
    if obstacle is not None:
        return obstacle.label
    if event.mark:
        return "It was not applied, because it was another account's or of other keys at the time."
    return f"It could not be applied in {event.tries} attempts."


def _payment_id(event: GatewayEvent) -> str:
    """The payment an event is about, wherever in it that is said."""
    return subject_of(event).gateway_payment_id


def _payment_in(event: GatewayEvent) -> dict[str, Any]:
    try:
        entity = event.content()["payload"]["payment"]["entity"]
    except (ValueError, KeyError, TypeError):
        return {}
    # A field of another type than the gateway documents says nothing.
    return {name: value for name, value in entity.items() if isinstance(value, str | int)} if isinstance(entity, dict) else {}


def _attempt_of(payment: dict[str, Any]) -> Payment | None:
    order_id = payment.get("order_id")
    return Payment.objects.select_related("order").filter(gateway_order_id=order_id).first() if order_id else None


def _is_explained(payment_id: str, payment: dict[str, Any]) -> bool:
    """Whether leaving the news aside leaves no money unexplained."""
    if payment.get("status") in {"failed", "created"}:
        return True
    return bool(payment_id) and (
        Payment.objects.filter(gateway_payment_id=payment_id, status="captured").exists()
        or UnmatchedPayment.objects.filter(gateway_payment_id=payment_id).exists()
    )
