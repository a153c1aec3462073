"""The API is killed in the middle; what comes next finishes the order, once."""

import threading
import uuid
from typing import Any

import pytest
import requests
from django.utils import timezone

from noirel.core.money import inr
from noirel.inventory.models import StockItem, StockMovement
from noirel.orders.models import Order, OrderEvent
from noirel.payments import jobs
from noirel.payments.models import Payment
from tests.make import make_variant
from tests.shopping import LocalGateway, RunningShop, Shopper, wait_until

pytestmark = pytest.mark.django_db(transaction=True)


def begin(act: Any) -> threading.Thread:
    """Do it in the background; that its connection breaks is what the test is about."""

    def quietly() -> None:
        try:
            act()
        except requests.RequestException:
            return

    thread = threading.Thread(target=quietly)
    thread.start()
    return thread


def killed_in_checkout(guest: Shopper, shop: RunningShop, gateway: LocalGateway, fault: str) -> tuple[dict[str, Any], str]:
    """A cart and the key under which its order was committed, but the gateway's answer never taken in."""
    gateway.without_webhooks()
    gateway.fault("order.create", fault)
    cart, key = guest.bag((make_variant(price=inr(12_500_00), on_hand=3, sku="ENCRE-50").sku, 2)), str(uuid.uuid4())
    asking = begin(lambda: guest.check_out(cart, key=key))
    wait_until(lambda: Order.objects.exists() and not gateway.state()["faults"][1:])
    if fault == "timeout":
        wait_until(lambda: len(gateway.state()["orders"]) == 1)
    shop.kill()
    asking.join()
    shop.start()
    order = Order.objects.get()
    assert (order.status, order.attempts.get().gateway_order_id) == ("pending_payment", None)
    return cart, key


def paid_once(guest: Shopper, gateway: LocalGateway, placed: dict[str, Any]) -> None:
    told = gateway.pay(placed["payment"]["gateway_order_id"])
    assert guest.verify(placed, told).json()["status"] == "paid"
    item = StockItem.objects.get()
    assert (item.on_hand, item.reserved) == (1, 0)
    assert StockMovement.objects.filter(reason="sold").count() == 1
    assert OrderEvent.objects.filter(type="order.paid").count() == 1


@pytest.mark.parametrize("fault", ["hang", "timeout"])
def test_killed_between_commit_and_gateway_the_same_request_finishes_the_order(
    guest: Shopper, shop: RunningShop, gateway: LocalGateway, fault: str
) -> None:
    cart, key = killed_in_checkout(guest, shop, gateway, fault)
    again = guest.check_out(cart, key=key)
    assert again.status_code == 201, again.text
    assert again.content == guest.check_out(cart, key=key).content
    assert Order.objects.count() == Payment.objects.count() == 1
    assert len(gateway.state()["orders"]) == 1  # the one the gateway took before we died is found by its receipt
    paid_once(guest, gateway, again.json())


def test_killed_between_commit_and_gateway_the_worker_finishes_the_order(
    guest: Shopper, shop: RunningShop, gateway: LocalGateway
) -> None:
    cart, key = killed_in_checkout(guest, shop, gateway, "timeout")
    Payment.objects.update(check_at=timezone.now())
    jobs.reconcile_payments()
    gateway_order_id = Payment.objects.get().gateway_order_id
    assert [order["id"] for order in gateway.state()["orders"]] == [gateway_order_id]
    again = guest.check_out(cart, key=key)
    assert again.json()["payment"]["gateway_order_id"] == gateway_order_id
    paid_once(guest, gateway, again.json())


@pytest.mark.parametrize("who", ["webhook", "worker", "browser"])
def test_killed_between_payment_and_callback_any_door_finishes_the_order(
    guest: Shopper, shop: RunningShop, gateway: LocalGateway, who: str
) -> None:
    gateway.fault("webhook", "hold", times=None)
    placed = guest.buy((make_variant(price=inr(12_500_00), on_hand=2).sku, 1))
    told = gateway.pay(placed["payment"]["gateway_order_id"])
    gateway.fault("payment.fetch", "hang")
    asking = begin(lambda: guest.verify(placed, told))
    wait_until(lambda: len(gateway.state()["faults"]) == 1)
    shop.kill()
    asking.join()
    shop.start()
    assert guest.order(placed)["status"] == "pending_payment"
    match who:
        case "webhook":
            gateway.http.delete(f"{gateway.url}/_test/faults", timeout=10)
            gateway.door("webhooks/release")
            wait_until(lambda: guest.order(placed)["status"] == "paid")
        case "worker":
            Payment.objects.update(check_at=timezone.now())
            jobs.reconcile_payments()
        case "browser":
            assert guest.verify(placed, told).status_code == 200
    assert guest.order(placed)["status"] == "paid"
    assert guest.verify(placed, told).json()["status"] == "paid"
    item = StockItem.objects.get()
    assert (item.on_hand, item.reserved) == (1, 0)
    assert OrderEvent.objects.filter(type="order.paid").count() == 1
