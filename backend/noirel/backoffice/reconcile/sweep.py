"""Walking over everything the gateway did, window by window: what nobody told us of comes to light."""

import logging
from datetime import datetime, timedelta

from django.utils import timezone

from noirel.backoffice.models import Reached
from noirel.payments.errors import GatewayRefused, GatewayUnavailable
from noirel.payments.lifecycle import State
from noirel.payments.models import Payment, StrayMoney
from noirel.payments.razorpay import gateway
from noirel.payments.services.capture import keep_unmatched, record_capture
from noirel.payments.services.refund_facts import record_refund

log = logging.getLogger(__name__)

SETTLES_IN = timedelta(minutes=10)  # a window ends this long ago: what is under way is the other doors' business
LONGEST = timedelta(days=1)
BEGINS = timedelta(days=7)  # a new shop looks this far back


def sweep() -> int:
    """Ask for all payments and refunds since the last walk; how many of them were news to us.

    A captured payment that is neither an order's nor on the desk is taken in if an order asked for it, else laid on the desk.
    The mark moves on only when a window was taken in whole.
    """
    mark, _ = Reached.objects.get_or_create(name="payments", defaults={"until": timezone.now() - BEGINS})
    news = 0
    end = timezone.now() - SETTLES_IN
    while mark.until < end:
        window_ends = min(end, mark.until + LONGEST)
        try:
            news += take_in(mark.until, window_ends)
        except (GatewayUnavailable, GatewayRefused) as error:
            log.warning("the sweep waits at %s: %s", mark.until, error.code)
            return news
        mark.until = window_ends
        mark.save(update_fields=["until"])
    return news


def take_in(start: datetime, end: datetime) -> int:
    """Every payment and refund of one closed window; how many were news. Raises GatewayUnavailable, GatewayRefused."""
    news = 0
    facts = [fact for fact in gateway().payments_between(start, end) if fact.status in {"captured", "refunded"}]
    ids = [fact.payment_id for fact in facts]
    known = set(
        Payment.objects.filter(gateway_payment_id__in=ids, status=State.CAPTURED).values_list("gateway_payment_id", flat=True)
    )
    known |= set(
        StrayMoney.objects.filter(gateway_payment_id__in=ids, is_captured=True).values_list("gateway_payment_id", flat=True)
    )
    for fact in facts:
        if fact.payment_id not in known and fact.state is State.CAPTURED:
            news += 1
            if record_capture(fact, source="sweep") is not None:
                continue
            if keep_unmatched(fact):
                log.error("payment %s is nobody's: on the desk", fact.payment_id)
            else:
                record_capture(fact, source="sweep")
    for refund in gateway().refunds_between(start, end):
        record_refund(refund, source="sweep")
    return news
