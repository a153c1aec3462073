"""Walking over everything the gateway did, window by window: what nobody told us of comes to light."""

import logging
from datetime import datetime, timedelta

from django.utils import timezone

from noirel.backoffice.models import SyncProgress
from noirel.payments.errors import GatewayRefused, GatewayUnavailable
from noirel.payments.lifecycle import State
from noirel.payments.models import Payment, UnmatchedPayment
from noirel.payments.razorpay import gateway
from noirel.payments.services.apply_refund_update import apply_refund_update
from noirel.payments.services.apply_update import apply_payment_update, record_unmatched_capture

log = logging.getLogger(__name__)

VISIBILITY_DELAY = timedelta(minutes=10)  # a window ends this long ago: what is under way is the other doors' business
MAX_WINDOW = timedelta(days=1)
INITIAL_LOOKBACK = timedelta(days=7)  # a new shop looks this far back


def sweep() -> int:
    """Ask for all payments and refunds since the last walk; how many of them were news to us.

    A captured payment that is neither an order's nor on the desk is taken in if an order asked for it, else laid on the desk.
    The mark moves on only when a window was taken in whole.
    """
    mark, _ = SyncProgress.objects.get_or_create(name="payments", defaults={"until": timezone.now() - INITIAL_LOOKBACK})
    news = 0
    end = timezone.now() - VISIBILITY_DELAY
    while mark.until < end:
        window_ends = min(end, mark.until + MAX_WINDOW)
        try:
            news += sweep_window(mark.until, window_ends)
        except (GatewayUnavailable, GatewayRefused) as error:
            log.warning("the sweep waits at %s: %s", mark.until, error.code)
            return news
        mark.until = window_ends
        mark.save(update_fields=["until"])
    return news


def sweep_window(start: datetime, end: datetime) -> int:
    """Every payment and refund of one closed window; how many were news. Raises GatewayUnavailable, GatewayRefused."""
    news = 0
    facts = [fact for fact in gateway().payments_between(start, end) if fact.status in {"captured", "refunded"}]
    ids = [fact.payment_id for fact in facts]
    known = set(
        Payment.objects.filter(gateway_payment_id__in=ids, status=State.CAPTURED).values_list("gateway_payment_id", flat=True)
    )
    known |= set(
        UnmatchedPayment.objects.filter(gateway_payment_id__in=ids, is_captured=True).values_list(
            "gateway_payment_id", flat=True
        )
    )
    for fact in facts:
        if fact.payment_id not in known and fact.state is State.CAPTURED:
            news += 1
            if apply_payment_update(fact, source="sweep") is not None:
                continue
            if record_unmatched_capture(fact):
                log.error("payment %s is nobody's: on the desk", fact.payment_id)
            else:
                apply_payment_update(fact, source="sweep")
    for refund in gateway().refunds_between(start, end):
        apply_refund_update(refund, source="sweep")
    return news
