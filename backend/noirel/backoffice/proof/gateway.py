"""The gateway's own word beside ours."""

from datetime import datetime

from noirel.backoffice.proof.prove import Finding
from noirel.payments.lifecycle import State
from noirel.payments.models import Payment, StrayMoney
from noirel.payments.razorpay import gateway


def compare_with_gateway(start: datetime, end: datetime) -> list[Finding]:
    """Where gateway and books disagree about the payments that were tried in a closed window.

    Every captured one must be ours, at its sum, with the same sum refunded; and every one that we captured must be there.
    Raises GatewayUnavailable, GatewayRefused.
    """
    told = {fact.payment_id: fact for fact in gateway().payments_between(start, end)}
    ours: dict[str, tuple[int, int]] = {}
    for known in (
        Payment.objects.filter(status=State.CAPTURED, gateway_payment_id__in=told),
        StrayMoney.objects.filter(is_captured=True, gateway_payment_id__in=told),
    ):
        for name, amount, refunded in known.values_list("gateway_payment_id", "amount", "refunded_amount"):
            ours[str(name)] = (amount, refunded)
    found = []
    for name, fact in told.items():
        if fact.status not in {"captured", "refunded"}:
            if name in ours:
                found.append(Finding("gateway.captured", name, f"we have it as captured, the gateway says {fact.status}"))
            continue
        amount, refunded = ours.get(name, (0, 0))
        if name not in ours and fact.refunded < fact.amount:
            found.append(
                Finding("gateway.unknown", name, f"the gateway holds {fact.amount} {fact.currency} we know nothing of")
            )
        elif name in ours and amount != fact.amount:
            found.append(Finding("gateway.amount", name, f"the gateway says {fact.amount}, we say {amount}"))
        elif name in ours and refunded != fact.refunded:
            found.append(Finding("gateway.refunded", name, f"the gateway sent {fact.refunded} back, we say {refunded}"))
    return found + _missing(start, end, set(told))


def _missing(start: datetime, end: datetime, told: set[str]) -> list[Finding]:
    """Payments of that window that we captured and the gateway does not list. The attempt is older than its payment."""
    captured = Payment.objects.filter(status=State.CAPTURED, created_at__gte=start, captured_at__lte=end)
    return [
        Finding("gateway.missing", str(name), "we have it as captured, the gateway does not know it")
        for name in captured.values_list("gateway_payment_id", flat=True)
        if name not in told
    ]
