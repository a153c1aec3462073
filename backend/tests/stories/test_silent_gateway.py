"""A payment service that does not answer: whoever wants something else from the shop doesn't notice."""

import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from noirel.core.domain.money import inr
from noirel.inventory.models import StockItem
from noirel.orders.models import Order
from noirel.payments.models import Refund
from tests.client import signed_in
from tests.make import make_staff, make_variant
from tests.shopping import LocalGateway, RunningShop, Shopper, order_path

pytestmark = pytest.mark.django_db(transaction=True)
THREADS = 12  # RunningShop's


@pytest.fixture(autouse=True)
def _quiet(gateway: LocalGateway) -> None:
    gateway.without_webhooks()


def _silent(gateway: LocalGateway, on: str) -> None:
    gateway.fault(on, "hang", seconds=60, times=None)


def _seconds_of_another_visitor(shop: RunningShop) -> float:
    began = time.monotonic()
    assert Shopper(shop.url).call("POST", "carts", {}).status_code == 201
    return time.monotonic() - began


def _all_at_once(calls: list[Any]) -> tuple[ThreadPoolExecutor, list[Any]]:
    pool = ThreadPoolExecutor(len(calls))
    return pool, [pool.submit(call) for call in calls]


def test_repeats_of_one_checkout_are_told_soon_that_it_is_still_running(
    guest: Shopper, shop: RunningShop, gateway: LocalGateway
) -> None:
    cart = guest.bag((make_variant(price=inr(12_500_00), on_hand=9).sku, 1))
    _silent(gateway, "order.create")
    durations: list[float] = []

    def check_out() -> requests.Response:
        began = time.monotonic()
        answer = Shopper(shop.url).check_out(cart, key="one-key")
        durations.append(time.monotonic() - began)
        return answer

    pool, answers = _all_at_once([check_out] * 20)
    with pool:
        time.sleep(2.8)
        assert _seconds_of_another_visitor(shop) < 1.5
        statuses = sorted((one.result().status_code, one.result().json()["code"]) for one in answers)
    assert statuses == [(409, "idempotency_in_progress")] * 19 + [(503, "gateway_unavailable")]
    assert sum(seconds > 6 for seconds in durations) == 1
    for answer in (one.result() for one in answers):
        assert 0 < int(answer.headers["Retry-After"]) <= 5
    gateway.http.delete(f"{gateway.url}/_test/faults", timeout=10)
    assert guest.check_out(cart, key="one-key").status_code == 201  # a failure was not stored


def test_other_visitors_are_served_while_many_wait_for_the_payment_service(
    shop: RunningShop, guest: Shopper, gateway: LocalGateway
) -> None:
    variant = make_variant(price=inr(12_500_00), on_hand=99)
    carts = [guest.bag((variant.sku, 1)) for _ in range(THREADS + 4)]
    _silent(gateway, "order.create")
    pool, answers = _all_at_once([lambda cart=cart: Shopper(shop.url).check_out(cart, key=str(uuid.uuid4())) for cart in carts])
    with pool:
        time.sleep(2.5)
        assert _seconds_of_another_visitor(shop) < 1.5
        refused = [one.result() for one in answers if one.done()]
        assert len(refused) >= THREADS  # all but the four that wait for an answer
        assert {(one.status_code, one.json()["code"]) for one in refused} == {(503, "gateway_unavailable")}
        assert all(int(one.headers["Retry-After"]) > 0 for one in refused)
        assert Order.objects.count() == 4  # the others were refused before anything was made
        assert {one.result().status_code for one in answers} == {503}
    assert StockItem.objects.get(variant=variant).reserved == 0


@pytest.mark.parametrize("act", ["retry", "refund", "verify"])
def test_other_calls_to_a_silent_payment_service_leave_threads_for_everybody_else(
    shop: RunningShop, guest: Shopper, gateway: LocalGateway, act: str
) -> None:
    variant = make_variant(price=inr(12_500_00), on_hand=99)
    calls: list[Any] = []
    if act == "refund":
        from noirel.accounts.services.tokens import access_token

        placed = guest.buy((variant.sku, 1))
        guest.verify(placed, gateway.pay(placed["payment"]["gateway_order_id"]))
        staff = Shopper(shop.url, access=access_token(make_staff()))
        path = f"admin/orders/{placed['order']['number']}/refund"
        body = {"amount": {"amount": 100_00, "currency": "INR"}, "reason": "broken"}
        calls = [lambda: staff.call("POST", path, body, Idempotency_Key=str(uuid.uuid4()))] * (THREADS + 4)
        _silent(gateway, "refund.create")
    else:
        placed = guest.buy((variant.sku, 1))
        told = gateway.pay(placed["payment"]["gateway_order_id"])
        if act == "verify":
            calls = [lambda: Shopper(shop.url).verify(placed, told)] * (THREADS + 4)
        else:
            calls = [lambda: Shopper(shop.url).call("POST", order_path(placed, "/payment/retry"), {})] * (THREADS + 4)
        _silent(gateway, "*")
    pool, answers = _all_at_once(calls)
    with pool:
        time.sleep(2.5)
        assert _seconds_of_another_visitor(shop) < 1.5
        statuses = {one.result().status_code for one in answers}
    if act == "refund":
        assert statuses == {201}  # promised, and followed up by the worker
        assert Refund.objects.filter(status="requested").count() == THREADS + 4
    elif act == "verify":
        assert statuses == {503}
    gateway.http.delete(f"{gateway.url}/_test/faults", timeout=10)
    if act == "verify":
        assert guest.verify(placed, told).json()["status"] == "paid"
    if act == "refund":
        assert signed_in(make_staff()).get(f"admin/orders/{placed['order']['number']}").status_code == 200
