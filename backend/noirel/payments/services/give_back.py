"""Money that pays for nothing goes back, once."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from noirel.core.events import publish
from noirel.orders.lifecycle import PaymentStatus
from noirel.orders.services.move import lock_order, say
from noirel.payments.errors import GatewayRefused, GatewayUnavailable
from noirel.payments.models import StrayMoney
from noirel.payments.razorpay import gateway


def give_back(stray: StrayMoney) -> None:
    """Refund a stray payment in full. Outside any transaction.

    The row is the intent and its id the gateway's idempotency key, so a second try after a lost answer gets the first refund
    again. A refusal is final and shown to staff; no answer is tried again.
    """
    if not stray.is_captured:
        return
    try:
        refund_id = gateway().refund(
            stray.gateway_payment_id, amount=stray.amount, key=f"stray-{stray.pk.hex}", notes={"why": stray.kind}
        )
    except GatewayUnavailable:
        _later(stray)
        return
    except GatewayRefused as error:
        if error.http_status == 409:  # the first call is still running over there
            _later(stray)
            return
        StrayMoney.objects.filter(pk=stray.pk).update(
            fate=StrayMoney.Fate.REFUSED, retry_at=None, evidence=stray.evidence | {"refused": error.detail}
        )
        return
    _returned(stray, refund_id)


@transaction.atomic
def _returned(stray: StrayMoney, refund_id: str) -> None:
    order = lock_order(stray.payment.order_id) if stray.payment else None
    taken = StrayMoney.objects.filter(pk=stray.pk, fate=StrayMoney.Fate.TO_RETURN).update(
        fate=StrayMoney.Fate.RETURNED, gateway_refund_id=refund_id, retry_at=None
    )
    if not taken or order is None:
        return
    order.refunds = [
        *order.refunds,
        {
            "id": refund_id,
            "amount": {"amount": stray.amount, "currency": stray.currency},
            "status": "pending",
            "reason": stray.kind,
            "created_at": timezone.now(),
        },
    ]
    if order.paid_at is None:
        order.payment_status = PaymentStatus.REFUNDED
    order.save(update_fields=["refunds", "payment_status", "updated_at"])
    say(order, "refund.created", "The money is on its way back to you, in 5 to 7 working days.")
    publish("refund.created", key=order.number, payload={"number": order.number, "refund": refund_id})


def _later(stray: StrayMoney) -> None:
    pause = timedelta(seconds=min(30 * 2**stray.tries, 6 * 3600))
    StrayMoney.objects.filter(pk=stray.pk).update(tries=stray.tries + 1, retry_at=timezone.now() + pause)
