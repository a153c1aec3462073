"""What follows a payment: the receipt to the buyer and the figures on the dashboard."""

import re

import pytest
from django.core import mail

from noirel.core import events
from noirel.core.domain.money import inr
from tests.client import signed_in
from tests.make import make_staff, make_variant
from tests.shopping import LocalGateway, Shopper

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_paid_order_has_one_receipt_and_is_counted_on_the_dashboard(guest: Shopper, gateway: LocalGateway) -> None:
    gateway.without_webhooks()
    variant = make_variant(price=inr(12_500_00), on_hand=3, name="Encre")
    placed = guest.buy((variant.sku, 1))
    number = placed["order"]["number"]
    payment_result = gateway.pay(placed["payment"]["gateway_order_id"])
    assert guest.verify(placed, payment_result).status_code == 200
    assert guest.verify(placed, payment_result).status_code == 200
    while events.deliver_due():
        pass

    (message,) = [outgoing for outgoing in mail.outbox if number in outgoing.subject]
    assert message.to == ["ira@example.com"]
    assert "Encre, 50 ml: ₹12,500" in message.body
    link = re.search(rf"/orders/{number}\?token=(\w+)", str(message.body))
    assert link
    assert guest.call("GET", f"orders/{number}?token={link[1]}").json()["status"] == "paid"

    summary = signed_in(make_staff()).get("admin/analytics/summary").json()
    assert summary["net_revenue"]["value"]["amount"] == placed["order"]["totals"]["total"]["amount"]
    assert summary["orders"]["value"] == 1
    assert ("to_fulfil", "1 order to pack") in [(entry["kind"], entry["title"]) for entry in summary["needs_you"]]
