"""Threads on one bottle, over real HTTP."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from noirel.backoffice.audit import run_checks
from noirel.core.domain.money import inr
from noirel.inventory.models import StockItem, StockMovement
from noirel.orders.models import Order, OrderEvent
from noirel.payments.models import Refund, UnmatchedPayment
from tests.make import make_variant
from tests.shopping import LocalGateway, RunningShop, Shopper, order_path

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


def test_twenty_buyers_and_the_last_five_bottles(shop: RunningShop, gateway: LocalGateway) -> None:
    gateway.without_webhooks()
    variant = make_variant(price=inr(12_500_00), on_hand=5)
    buyers = [Shopper(shop.url) for _ in range(20)]
    carts = [buyer.bag((variant.sku, 1)) for buyer in buyers]
    together = threading.Barrier(20)

    def press(at: int) -> requests.Response:
        together.wait()
        return buyers[at].check_out(carts[at])

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(press, range(20)))
    assert Counter(answer.status_code for answer in answers) == {201: 5, 409: 15}
    for refused in (answer for answer in answers if answer.status_code == 409):
        assert refused.json()["code"] == "out_of_stock"
        assert refused.json()["lines"] == [{"sku": variant.sku, "requested": 1, "available": 0}]
    item = StockItem.objects.get(pk=variant.pk)
    assert (item.on_hand, item.reserved, item.available) == (5, 5, 0)
    assert Order.objects.count() == 5

    placed = [answer.json() for answer in answers if answer.status_code == 201]
    for one in placed:
        assert buyers[0].verify(one, gateway.pay(one["payment"]["gateway_order_id"])).json()["status"] == "paid"
    item.refresh_from_db()
    assert (item.on_hand, item.reserved, item.committed, item.available) == (5, 0, 5, 0)
    assert not StockMovement.objects.exclude(reason="received").exists()


def test_all_doors_at_once_book_one_payment(shop: RunningShop, gateway: LocalGateway) -> None:
    buyer = Shopper(shop.url)
    variant = make_variant(price=inr(12_500_00), on_hand=9)
    orders = [buyer.buy((variant.sku, 1)) for _ in range(4)]
    for placed in orders:
        told = gateway.pay(placed["payment"]["gateway_order_id"])  # its webhooks are on their way now
        with ThreadPoolExecutor(6) as pool:
            answers = list(pool.map(lambda _, p=placed, t=told: Shopper(shop.url).verify(p, t), range(6)))
        assert {answer.status_code for answer in answers} == {200}
        assert {answer.json()["status"] for answer in answers} == {"paid"}
    assert OrderEvent.objects.filter(type="order.paid").count() == 4
    item = StockItem.objects.get(pk=variant.pk)
    assert (item.on_hand, item.committed) == (9, 4)
    assert not UnmatchedPayment.objects.exists()


def test_paying_and_cancelling_at_once_never_loses_money(shop: RunningShop, gateway: LocalGateway) -> None:
    gateway.without_webhooks()
    buyer = Shopper(shop.url)
    variant = make_variant(price=inr(12_500_00), on_hand=6)
    for _ in range(6):
        placed = buyer.buy((variant.sku, 1))
        told = gateway.pay(placed["payment"]["gateway_order_id"])
        with ThreadPoolExecutor(2) as pool:
            verified = pool.submit(Shopper(shop.url).verify, placed, told)
            cancelled = pool.submit(Shopper(shop.url).call, "POST", order_path(placed, "/cancel"), {})
            assert {verified.result().status_code, cancelled.result().status_code} <= {200, 409}
    paid = Order.objects.filter(status="paid").count()
    back = Refund.objects.filter(origin="cancel", amount=12_500_00).count()
    assert paid + back + UnmatchedPayment.objects.filter(kind="late", fate="to_return").count() == 6
    assert run_checks(at_rest=False) == []
    item = StockItem.objects.get(pk=variant.pk)
    assert (item.on_hand, item.reserved, item.committed) == (6, 0, paid)
