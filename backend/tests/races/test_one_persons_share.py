"""Fifty windows of one person, all pressed at once."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from noirel.backoffice.audit import run_checks
from noirel.core.domain.money import inr
from noirel.drops.models import Entry, Share, ShareClaim
from noirel.inventory.models import StockItem
from noirel.orders.models import Order
from tests.make import make_drop, make_variant
from tests.shopping import LocalGateway, RunningShop, Shopper

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
WINDOWS, LIMIT = 50, 2


def test_fifty_windows_of_one_person_buy_their_share_and_no_more(shop: RunningShop, gateway: LocalGateway) -> None:
    gateway.without_webhooks()
    variant = make_variant(price=inr(12_500_00), on_hand=WINDOWS)
    make_drop(variant, per_person=LIMIT, per_address=LIMIT)
    windows = [Shopper(shop.url) for _ in range(WINDOWS)]
    carts = [window.bag((variant.sku, 1)) for window in windows]
    together = threading.Barrier(WINDOWS)

    def press(at: int) -> requests.Response:
        together.wait()
        return windows[at].check_out(carts[at], email=f"i.r.a+{at}@gmail.com")

    with ThreadPoolExecutor(WINDOWS) as pool:
        answers = list(pool.map(press, range(WINDOWS)))
    assert Counter(answer.status_code for answer in answers) == {201: LIMIT, 409: WINDOWS - LIMIT}
    refused = [answer.json() for answer in answers if answer.status_code == 409]
    assert {(one["code"], one["left"]) for one in refused} == {("drop_limit", 0)}
    assert Order.objects.count() == ShareClaim.objects.count() == LIMIT
    assert StockItem.objects.get(pk=variant.pk).reserved == LIMIT
    assert set(Share.objects.values_list("units", flat=True)) == {LIMIT}
    assert run_checks(at_rest=False) == []


def test_buying_and_cancelling_at_once_leaves_every_share_right(shop: RunningShop, gateway: LocalGateway) -> None:
    """Checkout takes bag, share, stock; an ending order gives them back in the same order: no deadlock between the two."""
    gateway.without_webhooks()
    variant = make_variant(price=inr(12_500_00), on_hand=100)
    make_drop(variant, per_person=3, per_address=3)
    window = [Shopper(shop.url) for _ in range(8)]

    def busy(at: int) -> Counter[int]:
        seen: Counter[int] = Counter()
        for _ in range(6):
            answer = window[at].check_out(window[at].bag((variant.sku, 1)))
            seen[answer.status_code] += 1
            if answer.status_code == 201:
                placed = answer.json()
                path = f"orders/{placed['order']['number']}/cancel?token={placed['order_token']}"
                seen[window[at].call("POST", path, {}).status_code] += 1
        return seen

    with ThreadPoolExecutor(8) as pool:
        seen = sum(pool.map(busy, range(8)), Counter())
    assert set(seen) <= {200, 201, 409}
    assert seen[200] == seen[201] > 0
    assert set(Share.objects.values_list("units", flat=True)) == {0}
    assert StockItem.objects.get(pk=variant.pk).reserved == 0
    assert run_checks(at_rest=False) == []


def test_one_person_who_enters_a_lottery_twenty_times_at_once_is_in_it_once(shop: RunningShop, gateway: LocalGateway) -> None:
    drop = make_drop(make_variant(price=inr(12_500_00), on_hand=5), mode="lottery", units=2)
    windows = [Shopper(shop.url) for _ in range(20)]
    together = threading.Barrier(20)

    def press(at: int) -> requests.Response:
        together.wait()
        return windows[at].call("POST", f"drops/{drop.slug}/entries", {"email": f"I.Ra+{at}@gmail.com"})

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(press, range(20)))
    assert {(answer.status_code, answer.text) for answer in answers} == {(200, '{"entry":null}')}
    assert Entry.objects.count() == 1
