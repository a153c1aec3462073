"""Mails about orders, built from the data stored on the order."""

import re
from decimal import Decimal
from typing import Any

import pytest
from django.core import mail
from hypothesis import given
from hypothesis import strategies as st

from noirel.core.domain.money import inr
from noirel.notifications.services.orders import _line, _totals, send_order_link, send_receipt, send_shipped
from noirel.orders.models import Order, OrderLine, Shipment
from tests.client import Client
from tests.make import GIFT, PICTURE, make_variant

pytestmark = pytest.mark.django_db
ADDRESS = {
    "name": "Noor Rao", "line1": "12 Lane", "line2": "", "city": "Mumbai", "region": "MH", "postcode": "400001",
    "country": "IN", "phone": "+91 98200 00000",
}  # fmt: skip


@pytest.fixture
def order() -> Order:
    order = Order.objects.create(
        number="NE-7K3MQ2XD", email="noor@example.com", customer_name="Noor Rao", currency="INR", subtotal_amount=25_000_00,
        discount_amount=1_000_00, shipping_amount=0, tax_amount=3_661_02, total_amount=24_000_00, item_count=2,
        shipping_address=ADDRESS, billing_address=ADDRESS, paid_at="2026-11-23T15:42:00Z", status="paid",
        gift=GIFT,
        shipping_method={
            "code": "standard", "name": "Standard", "price": {"amount": 0, "currency": "INR"},
            "promise": {"earliest_on": "2026-11-25", "latest_on": "2026-11-26", "text": ""},
        },
    )  # fmt: skip
    variant = make_variant(price=inr(12_500_00), on_hand=5)
    OrderLine.objects.create(
        order=order, position=1, variant=variant, sku=variant.sku, name="Encre <noire>", variant_title="50 ml",
        product_slug="encre", quantity=2, unit_price_amount=12_500_00, discount_amount=1_000_00, tax_amount=3_661_02,
        tax_rate_bps=1800, total_amount=24_000_00, engraving="N.R.", attributes={"hour": "21:12"},
        image=PICTURE,
    )  # fmt: skip
    return order


def _html_of(message: Any) -> str:
    return str(message.alternatives[0].content)


def test_the_receipt_lists_lines_totals_and_delivery_date(order: Order) -> None:
    send_receipt({"number": order.number})
    (message,) = mail.outbox
    assert (message.to, message.subject) == (["noor@example.com"], "Encre <noire>: order NE-7K3MQ2XD")
    for text in (
        "Encre <noire>, 50 ml × 2 (21:12): ₹25,000", "Engraved: N.R.", "Subtotal: ₹25,000", "Discount: −₹1,000",
        "Delivery: Free", "Total: ₹24,000", "of which tax: ₹3,661.02", "Delivered by Thursday 26 November.",
        "Mumbai 400001", "India",
    ):  # fmt: skip
        assert text in message.body


@given(
    lines=st.lists(st.tuples(st.integers(1, 9_999_999), st.integers(0, 100)), min_size=1, max_size=5),
    shipping=st.integers(0, 99_999),
)
def test_the_lines_of_a_mail_add_up_to_its_total(lines: list[tuple[int, int]], shipping: int) -> None:
    sold = [
        OrderLine(total_amount=price - price * discount_percent // 100, discount_amount=price * discount_percent // 100)
        for price, discount_percent in lines
    ]
    subtotal, discount = sum(price for price, _ in lines), sum(line.discount_amount for line in sold)
    order = Order(
        currency="INR", subtotal_amount=subtotal, discount_amount=discount, shipping_amount=shipping, tax_amount=0,
        total_amount=subtotal - discount + shipping,
    )  # fmt: skip

    def amount(text: str) -> int:
        figures = Decimal(re.sub(r"[^0-9.]", "", text) or 0)
        return int(figures * 100) * (-1 if text.startswith("−") else 1)

    rows = {name: amount(text) for name, text in _totals(order)}
    assert sum(amount(_line(line, "INR")["total"]) for line in sold) == rows["Subtotal"]
    assert rows["Subtotal"] + rows.get("Discount", 0) + rows["Delivery"] == rows["Total"] == order.total_amount


def test_the_html_uses_the_pictures_background_and_escapes_names(order: Order) -> None:
    send_receipt({"number": order.number})
    html = _html_of(mail.outbox[0])
    assert 'bgcolor="#101418"' in html
    assert "color: #f7f3ea" in html  # light text on a dark background
    assert "Encre &lt;noire&gt;" in html
    assert 'src="http://localhost:8000/media/e.jpg"' in html
    assert "A square flacon." in html
    assert html.count('class="button"') == 1


def test_the_link_opens_the_order_without_an_account(order: Order, client: Client) -> None:
    send_order_link({"number": order.number})
    match = re.search(r"http://localhost:8000(/orders/NE-7K3MQ2XD\?token=\w+)", str(mail.outbox[0].body))
    assert match
    assert client.get("/api/v1" + match[1]).status_code == 200


def test_a_repeated_event_sends_one_receipt(order: Order) -> None:
    send_receipt({"number": order.number})
    send_receipt({"number": order.number})
    assert len(mail.outbox) == 1


def test_each_parcel_has_one_shipping_mail(order: Order) -> None:
    Shipment.objects.create(
        order=order,
        carrier="Blue Dart",
        tracking_number="BD1",
        tracking_url="https://track.example/BD1",
        shipped_at=order.placed_at,
    )
    order.lines.update(fulfilled_quantity=2)
    for _ in range(2):
        send_shipped({"number": order.number})
    (message,) = mail.outbox
    assert "Blue Dart, number BD1" in message.body
    assert "https://track.example/BD1" in message.body
