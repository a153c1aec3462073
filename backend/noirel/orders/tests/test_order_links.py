"""Links to an order expire after 90 days and can be revoked by staff."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.utils import timezone
from django.utils.crypto import salted_hmac
from hypothesis import given
from hypothesis import strategies as st

from noirel.core import events
from noirel.core.domain.money import inr
from noirel.core.models import AuditEntry
from noirel.orders.models import Order
from noirel.orders.selectors import link_token
from noirel.orders.tests.test_staff_orders import make_order
from noirel.orders.tokens import LIFETIME, is_valid_token, token_for
from tests.client import Client, signed_in
from tests.make import make_user, make_variant


@pytest.fixture
def order(db: None) -> Order:
    return make_order((make_variant(price=inr(900_00)), 1))


def status_of(order: Order, token: str) -> Any:
    response = Client().get(f"orders/{order.number}?token={token}")
    if response.status_code != 200:
        assert (response.status_code, response.json()["code"]) == (404, "not_found")
    return response.status_code


def days_later(days: float) -> Any:
    return time_machine.travel(timezone.now() + timedelta(days=days), tick=False)


@pytest.mark.django_db
def test_a_link_expires_90_days_after_it_was_issued(order: Order) -> None:
    token = link_token(order)
    with days_later(89.9):
        assert status_of(order, token) == 200
        fresh = link_token(order)
    with days_later(90.1):
        assert status_of(order, token) == 404
        assert status_of(order, fresh) == 200


@pytest.mark.django_db
def test_a_link_issued_by_an_earlier_release_expires_90_days_after_the_order_was_placed(order: Order, staff: Client) -> None:
    old = salted_hmac("noirel.orders.token", order.number, algorithm="sha256").hexdigest()
    with days_later(89.9):
        assert status_of(order, old) == 200
    with days_later(90.1):
        assert status_of(order, old) == 404
    staff.post(f"admin/orders/{order.number}/revoke-links", {})
    assert status_of(order, old) == 404


@pytest.mark.django_db
def test_after_staff_revoked_the_links_a_lookup_mails_a_new_one(order: Order, staff: Client) -> None:
    token = link_token(order)
    response = staff.post(f"admin/orders/{order.number}/revoke-links", {})
    assert response.status_code == 200
    assert status_of(order, token) == 404
    assert Client().post(f"orders/{order.number}/cancel?token={token}", {}).status_code == 404
    assert AuditEntry.objects.get(action="orders.revoke_links").target == f"order:{order.number}"

    while events.deliver_due():
        pass
    mail.outbox.clear()
    assert Client().post("orders/lookup", {"number": order.number, "email": order.email}).status_code in (200, 202, 204)
    while events.deliver_due():
        pass
    fresh = str(mail.outbox[-1].body).partition("token=")[2].split()[0]
    assert status_of(order, fresh) == 200
    assert "revoked" not in Client().get(f"orders/{order.number}?token={fresh}").content.decode()


@pytest.mark.django_db
def test_the_owner_of_an_order_needs_no_link(order: Order, staff: Client) -> None:
    user = make_user()
    Order.objects.filter(pk=order.pk).update(user=user)
    staff.post(f"admin/orders/{order.number}/revoke-links", {})
    assert signed_in(user).get(f"orders/{order.number}").status_code == 200


@pytest.mark.django_db
def test_revoking_links_requires_permission_to_edit_orders(
    order: Order, shopper: Client, staff_as: Callable[[str], Client]
) -> None:
    token = link_token(order)
    assert shopper.post(f"admin/orders/{order.number}/revoke-links", {}).status_code == 403
    assert Client().post(f"admin/orders/{order.number}/revoke-links", {}).status_code == 401
    assert status_of(order, token) == 200
    assert staff_as("packer").post(f"admin/orders/{order.number}/revoke-links", {}).status_code == 200
    assert status_of(order, token) == 404


NOW = timezone.now()


@given(st.text(max_size=90) | st.text("0123456789abcdef-+ _", min_size=64, max_size=80))
def test_arbitrary_text_is_not_a_valid_token(token: str) -> None:
    assert not is_valid_token(token, "NE-1", version=0, placed_at=NOW, at=NOW)


@given(days=st.floats(0, 89.99), position=st.integers(0, 71), character=st.sampled_from("0123456789abcdef"))
def test_a_token_is_valid_for_one_order_and_version_and_only_unchanged(days: float, position: int, character: str) -> None:
    token = token_for("NE-1", version=3, at=NOW)
    later = NOW + timedelta(days=days)
    assert is_valid_token(token, "NE-1", version=3, placed_at=NOW, at=later)
    assert not is_valid_token(token, "NE-2", version=3, placed_at=NOW, at=later)
    assert not is_valid_token(token, "NE-1", version=4, placed_at=NOW, at=later)
    assert not is_valid_token(token, "NE-1", version=3, placed_at=NOW, at=NOW + LIFETIME + timedelta(seconds=1))
    changed = token[:position] + character + token[position + 1 :]
    assert is_valid_token(changed, "NE-1", version=3, placed_at=NOW, at=later) == (changed == token)
