"""One bag in many windows: what is put in is written without a lock, and nothing of it may be lost."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from noirel.core.domain.money import inr
from noirel.orders.models import Order
from tests.make import make_variant
from tests.shopping import LocalGateway, RunningShop, Shopper

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


def test_twenty_windows_put_the_same_in_and_it_is_there_twenty_times(shop: RunningShop, gateway: LocalGateway) -> None:
    one, other = make_variant(price=inr(4_900_00), on_hand=99), make_variant(price=inr(900_00), on_hand=99)
    shoppers = [Shopper(shop.url) for _ in range(20)]
    cart = shoppers[0].bag((one.sku, 1))
    together = threading.Barrier(20)

    def press(at: int) -> requests.Response:
        together.wait()
        return shoppers[at].call("POST", f"carts/{cart['id']}/lines", {"sku": (one, other)[at % 2].sku, "quantity": 1})

    with ThreadPoolExecutor(20) as pool:
        assert {answer.status_code for answer in pool.map(press, range(20))} == {201}
    there = shoppers[0].call("GET", f"carts/{cart['id']}").json()
    assert {line["sku"]: line["quantity"] for line in there["lines"]} == {one.sku: 11, other.sku: 10}


def test_what_is_put_in_while_the_bag_is_bought_is_in_the_order_or_in_the_bag(shop: RunningShop, gateway: LocalGateway) -> None:
    gateway.without_webhooks()
    one, other = make_variant(price=inr(4_900_00), on_hand=99), make_variant(price=inr(900_00), on_hand=99)
    buyer, window = Shopper(shop.url), Shopper(shop.url)
    for _ in range(8):
        cart = buyer.bag((one.sku, 1))
        together = threading.Barrier(2)

        def put_in(at: threading.Barrier = together, to: str = cart["id"]) -> requests.Response:
            at.wait()
            return window.call("POST", f"carts/{to}/lines", {"sku": other.sku, "quantity": 1})

        with ThreadPoolExecutor(1) as pool:
            adding = pool.submit(put_in)
            together.wait()
            bought = buyer.check_out(cart)
            assert adding.result().status_code == 201
        left = buyer.call("GET", f"carts/{cart['id']}").json()
        units = Counter({line["sku"]: line["quantity"] for line in left["lines"]})
        if bought.status_code == 201:
            units.update({line["sku"]: line["quantity"] for line in bought.json()["order"]["lines"]})
        else:
            assert bought.json()["code"] == "total_changed"
        assert units == {one.sku: 1, other.sku: 1}
    assert Order.objects.count() <= 8
