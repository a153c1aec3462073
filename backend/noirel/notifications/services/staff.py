"""Mails to staff about work with a deadline."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings

from noirel.accounts.selectors import staff_with
from noirel.core.domain.money import format_money
from noirel.core.shop_time import format_moment
from noirel.core.viewer import SYSTEM
from noirel.notifications.mail import send_once
from noirel.orders.lifecycle import Status
from noirel.orders.models import Order
from noirel.orders.selectors import order_for
from noirel.payments.models import Payment


def send_capture_due(payload: Mapping[str, Any]) -> None:
    """Handle `payment.capture_due`: mail everybody who may capture the payment, before the bank releases it."""
    order = order_for(SYSTEM, payload["number"])
    capture_by = Payment.objects.get(pk=payload["payment"]).capture_by
    if capture_by is None or order.status != Status.PENDING_PAYMENT:
        return
    amount, deadline = format_money(order.total), format_moment(capture_by)
    _send(
        order,
        "staff_capture_due",
        subject=f"Capture {amount} for order {order.number} by {deadline}",
        key=payload["payment"],
        extra={"deadline": deadline},
    )


def send_released(payload: Mapping[str, Any]) -> None:
    """Handle `payment.let_go`: report that the bank released a payment, unless its order was cancelled before."""
    order = order_for(SYSTEM, payload["number"])
    if order.status == Status.CANCELLED:
        return
    subject = f"Order {order.number} was not captured in time"
    _send(order, "staff_released", subject=subject, key=payload["payment"])


def _send(order: Order, template: str, *, subject: str, key: str, extra: Mapping[str, Any] | None = None) -> None:
    context = {
        "number": order.number,
        "sum": format_money(order.total),
        "customer": order.customer_name or order.email,
        "link": f"{settings.PUBLIC_URL}/admin/orders/{order.number}",
        **(extra or {}),
    }
    for member in staff_with("orders.edit"):
        send_once(f"{template}:{key}:{member.pk}", to=member.email, subject=subject, template=template, context=context)
