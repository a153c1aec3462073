"""A buyer's bank asks for money back, and waits for an answer."""

from typing import ClassVar

from django.db.models import CharField, Exists, OuterRef, QuerySet, Value
from django.db.models.functions import Cast, Concat

from noirel.backoffice.models import Decision
from noirel.backoffice.review_queue.items import (
    Action,
    AfterCommit,
    Choice,
    Evidence,
    Item,
    Kind,
    Source,
    first_non_empty,
    format_amount,
    record_decision,
)
from noirel.core.domain.money import Money
from noirel.core.shop_time import format_day
from noirel.core.viewer import Viewer
from noirel.orders.models import Order, Shipment
from noirel.payments.lifecycle import DisputeState, PaymentUpdate
from noirel.payments.models import Dispute


class Disputes(Source):
    """Open ones that nobody has answered since the gateway last said something about them."""

    prefix: ClassVar[str] = "dispute"

    def counts(self) -> dict[str, int]:
        return {Kind.DISPUTE: self._rows().count()}

    def open_items(self, limit: int) -> list[Item]:
        return [_item(row) for row in self._rows().order_by("respond_by", "created_at")[:limit]]

    def find(self, key: str) -> Item | None:
        row = self._rows().filter(pk=key).first()
        return _item(row) if row else None

    def decide(self, viewer: Viewer, key: str, act: Action, note: str, *, seen: PaymentUpdate | None) -> AfterCommit | None:
        dispute = Dispute.objects.get(pk=key)
        record_decision(viewer, f"{self.prefix}-{key}:{dispute.told_at}", act, note)
        return None

    def _rows(self) -> QuerySet[Dispute]:
        name = Concat(Value(f"{self.prefix}-"), OuterRef("pk"), Value(":"), Cast(OuterRef("told_at"), CharField()))
        return Dispute.objects.select_related("order").filter(
            ~Exists(Decision.objects.filter(item=name)), status=DisputeState.OPEN
        )


def _item(dispute: Dispute) -> Item:
    sum__ = format_amount(dispute.amount, dispute.currency)
    reason = dispute.reason_code.replace("_", " ")
    order = dispute.order
    return Item(
        id=f"{Disputes.prefix}-{dispute.pk}",
        kind=Kind.DISPUTE,
        subject=dispute.pk,
        description=f"The buyer's bank wants {sum__} back: {first_non_empty(reason, 'it gave no reason')}.",
        reason="If you don't answer, the dispute is lost. Answer it in the gateway's dashboard with proof of delivery.",
        choices=[
            Choice(
                Action.RESPOND,
                "Mark as answered",
                f"The bank decides over {sum__}. If it asks for more, it comes back here. A loss is booked automatically.",
                needs_note=True,
            )
        ],
        created_at=dispute.created_at,
        deadline=dispute.respond_by,
        order=order.number if order else None,
        amount=Money(dispute.amount, dispute.currency),
        evidence=[
            Evidence("Order total", format_amount(order.total_amount, order.currency) if order else "", ""),
            Evidence("Disputed", "", sum__),
            Evidence("Reason", "", reason),
            Evidence("Phase", "", dispute.phase.replace("_", " ")),
            Evidence("Payment", dispute.gateway_payment_id, dispute.gateway_payment_id),
            *(_delivery(order) if order else []),
        ],
    )


def _delivery(order: Order) -> list[Evidence]:
    sent = [
        " ".join(part for part in (parcel.carrier, parcel.tracking_number, _day(parcel)) if part)
        for parcel in Shipment.objects.filter(order=order)
    ]
    return [
        Evidence("Order status", order.status.replace("_", " "), ""),
        Evidence("Sent", ", ".join(sent), ""),
        Evidence("To", ", ".join(str(order.shipping_address.get(name, "")) for name in ("name", "city", "postcode")), ""),
    ]


def _day(parcel: Shipment) -> str:
    at = parcel.delivered_at or parcel.shipped_at
    return f"{'delivered' if parcel.delivered_at else 'left'} {format_day(at)}" if at else ""
