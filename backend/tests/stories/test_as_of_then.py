"""An order can be seen as of any moment, and its history shows who touched it."""

import time
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from noirel.core.domain.money import inr
from noirel.core.history import broken_links, broken_seals, rows_of
from noirel.orders.jobs import seal_timelines
from noirel.orders.models import HISTORY, Order, OrderEvent
from tests.client import Client, with_key
from tests.make import make_variant
from tests.shopping import LocalGateway, Shopper

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_order_is_shown_as_it_was_at_every_moment(staff: Client, guest: Shopper, gateway: LocalGateway) -> None:
    gateway.without_webhooks()
    seen: list[tuple[str, dict[str, Any]]] = []
    placed = guest.buy((make_variant(price=inr(12_500_00), on_hand=5).sku, 3))
    path = f"admin/orders/{placed['order']['number']}"

    def look() -> None:
        time.sleep(0.002)
        seen.append((timezone.now().isoformat(), staff.get(path).json()))
        time.sleep(0.002)

    def act(name: str, body: Any) -> None:
        answer = staff.post(f"{path}/{name}", body, **with_key(f"a-key-for-{name}-{len(seen)}"))
        assert answer.status_code in {200, 201}, answer.content
        look()

    look()
    gateway.pay(placed["payment"]["gateway_order_id"], "failure")
    assert guest.verify(placed, gateway.pay(placed["payment"]["gateway_order_id"])).status_code == 200
    look()
    line = placed["order"]["lines"][0]["id"]
    act("notes", {"text": "Ribbon in black."})
    act("fulfil", {"lines": [{"id": line, "quantity": 1}]})
    act("ship", {"carrier": "Blue Dart", "tracking_number": "BD1"})
    act("fulfil", {"lines": [{"id": line, "quantity": 2}]})
    act("ship", {"carrier": "Blue Dart", "tracking_number": "BD2"})
    act("deliver", {})

    assert len({str(then) for _, then in seen}) == len(seen)
    for at, then in seen:
        now = staff.get(f"{path}?at={at.replace('+', '%2B')}").json()
        assert now.pop("as_of") is not None
        then.pop("as_of")
        assert now == then
    before = (Order.objects.get().placed_at - timedelta(seconds=1)).isoformat().replace("+", "%2B")
    assert staff.get(f"{path}?at={before}").status_code == 404
    assert staff.get(f"{path}?at=yesterday").status_code == 400


@pytest.mark.unproved
def test_a_timeline_edited_by_hand_is_named(guest: Shopper, gateway: LocalGateway) -> None:
    gateway.without_webhooks()
    placed = guest.buy((make_variant(price=inr(12_500_00), on_hand=5).sku, 3))
    guest.verify(placed, gateway.pay(placed["payment"]["gateway_order_id"]))
    seal_timelines()
    assert not broken_links(HISTORY)
    assert not broken_seals(HISTORY)
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("UPDATE orders_orderevent SET at = at - interval '1 hour' WHERE type = 'order.paid'")
        cursor.execute("SET session_replication_role = DEFAULT")
    (broken,) = broken_links(HISTORY)
    assert broken.row == OrderEvent.objects.get(type="order.paid").pk
    assert rows_of(HISTORY, [broken.row])[0]["type"] == "order.paid"
