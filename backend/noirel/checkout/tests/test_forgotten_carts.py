"""Carts of guests end, but never one that money or a right hangs on."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from noirel.cart.models import Cart, CartLine
from noirel.checkout import jobs
from noirel.core.domain.money import inr
from noirel.drops.models import Entry
from noirel.handlers import JOBS
from noirel.orders.models import Order
from noirel.orders.tests.test_staff_orders import make_order
from noirel.payments.lifecycle import OPEN, State
from noirel.payments.models import Payment
from tests.client import Client
from tests.make import PASSWORD, drawn_lottery, make_variant

pytestmark = pytest.mark.django_db
OLD = jobs.GUEST_CART_LIFETIME + timedelta(minutes=1)


def guest_cart(*, age: timedelta = OLD) -> UUID:
    variant = make_variant(price=inr(900_00))
    cart = UUID(Client().post("carts", {"lines": [{"sku": variant.sku, "quantity": 1}]}).json()["id"])
    Cart.objects.filter(pk=cart).update(updated_at=timezone.now() - age)
    return cart


def left() -> set[Any]:
    return set(Cart.objects.values_list("pk", flat=True))


def test_a_guests_cart_is_deleted_when_nobody_has_used_it_for_90_days() -> None:
    guest_cart()
    young = guest_cart(age=jobs.GUEST_CART_LIFETIME - timedelta(minutes=1))
    assert jobs.forget_guest_carts() == 1
    assert left() == {young}
    assert set(CartLine.objects.values_list("cart_id", flat=True)) == {young}
    assert jobs.forget_guest_carts() == 0


def test_a_members_cart_stays(shopper: Client) -> None:
    cart = UUID(shopper.get("cart").json()["id"])
    Cart.objects.filter(pk=cart).update(updated_at=timezone.now() - 9 * OLD)
    assert jobs.forget_guest_carts() == 0
    assert left() == {cart}


@pytest.mark.parametrize("state", sorted(State))
@pytest.mark.parametrize("paid", [False, True])
def test_a_cart_with_an_unpaid_order_or_an_open_payment_stays(state: State, paid: bool) -> None:
    cart = guest_cart()
    order = make_order((make_variant(price=inr(900_00)), 1), paid=paid)
    Order.objects.filter(pk=order.pk).update(cart_id=cart)
    Payment.objects.create(
        order=order, attempt=1, receipt=f"{order.number}-1", amount=order.total_amount, currency="INR", status=state,
        gateway_payment_id="pay_1", captured_at=timezone.now() if state == State.CAPTURED else None,
    )  # fmt: skip
    stays = not paid or state in OPEN
    assert jobs.forget_guest_carts() == (0 if stays else 1)
    assert (cart in left()) == stays


@pytest.mark.parametrize("is_live", [True, False])
def test_a_cart_with_a_right_that_can_still_be_used_stays(is_live: bool) -> None:
    cart = guest_cart()
    _, entries = drawn_lottery(make_variant(price=inr(900_00), on_hand=5), units=1, entries=1)
    claim_by = timezone.now() + timedelta(hours=1 if is_live else -1)
    Entry.objects.filter(pk=entries[0].pk).update(cart_id=cart, state="offered", claim_by=claim_by)
    assert jobs.forget_guest_carts() == (0 if is_live else 1)
    assert (cart in left()) == is_live


def test_many_carts_are_deleted_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "BATCH", 2)
    for _ in range(5):
        guest_cart()
    with CaptureQueriesContext(connection) as statements:
        assert jobs.forget_guest_carts() == 5
    assert left() == set()
    assert sum("DELETE FROM cart_cart " in query["sql"] for query in statements) == 3


def test_the_worker_does_it() -> None:
    assert jobs.forget_guest_carts in [job for _, job in JOBS]


def test_erasing_an_account_deletes_its_cart(shopper: Client) -> None:
    variant = make_variant(price=inr(900_00))
    cart = shopper.get("cart").json()["id"]
    shopper.post(f"carts/{cart}/lines", {"sku": variant.sku, "quantity": 1})
    shopper.patch(f"carts/{cart}", {"note": "For Ira, at 14 Marine Drive"})
    erased = shopper.delete("me", {"password": PASSWORD})
    assert erased.status_code == 204, erased.content
    assert left() == set()
    assert Client().get(f"carts/{cart}").status_code == 404
