"""An Idempotency-Key belongs to a viewer and a body: whoever else learns it gets nothing by it."""

from typing import Any

import pytest
import requests

from noirel.accounts.models import Role
from noirel.accounts.services.tokens import access_token
from noirel.core.domain.money import inr
from noirel.core.models import IdempotencyRecord
from noirel.orders.models import Order
from noirel.orders.selectors import link_token
from noirel.payments.models import Refund
from tests.client import Client, signed_in, with_key
from tests.make import PASSWORD, make_staff, make_user, make_variant
from tests.shopping import ADDRESS, LocalGateway, RunningShop, Shopper, order_path

pytestmark = pytest.mark.django_db(transaction=True)
KEY = "checkout-1"


def _killed_before_the_answer() -> None:
    """As if the process had died between the order's commit and the note of its answer."""
    assert IdempotencyRecord.objects.filter(key=KEY).delete()[0] == 1


@pytest.fixture
def cart(guest: Shopper, gateway: LocalGateway) -> dict[str, Any]:
    gateway.without_webhooks()
    return guest.bag((make_variant(price=inr(12_500_00), on_hand=9).sku, 1))


def test_a_checkout_that_was_cut_off_goes_on_for_its_own_request(guest: Shopper, cart: dict[str, Any]) -> None:
    first = guest.check_out(cart, key=KEY)
    assert first.status_code == 201, first.text
    _killed_before_the_answer()
    again = guest.check_out(cart, key=KEY)
    assert (again.status_code, again.json()["order"]["number"]) == (201, first.json()["order"]["number"])
    assert Order.objects.count() == 1


def test_who_knows_cart_and_key_gets_no_order_by_them(guest: Shopper, shop: RunningShop, cart: dict[str, Any]) -> None:
    """An attacker with an account, or with none; the answer was noted, or its writer was killed."""
    first = guest.check_out(cart, key=KEY)
    token, number = first.json()["order_token"], first.json()["order"]["number"]
    member = Shopper(shop.url, access=access_token(make_user()))
    for noted in (True, False):
        if not noted:
            _killed_before_the_answer()
        for attacker, body in (
            (member, {}),
            (member, {"email": "a@evil.example"}),
            (Shopper(shop.url), {"email": "a@evil.example"}),
        ):
            answer = attacker.check_out(cart, key=KEY, **body)
            assert answer.status_code in {409, 422}, answer.text
            assert token not in answer.text
            assert number not in answer.text
            IdempotencyRecord.objects.filter(key=KEY).exclude(status=201).delete()


@pytest.mark.parametrize(
    "changed",
    [
        {"email": "other@example.com"},
        {"shipping_address": ADDRESS | {"line1": "1 Elsewhere"}},
        {"billing_address": ADDRESS | {"name": "Somebody Else"}},
        {"expected_total": {"amount": 1, "currency": "INR"}},
        {"shipping_method": "express"},
    ],
)
def test_another_body_does_not_resume_a_checkout_that_was_cut_off(
    guest: Shopper, cart: dict[str, Any], changed: dict[str, Any]
) -> None:
    guest.check_out(cart, key=KEY)
    _killed_before_the_answer()
    answer = guest.check_out(cart, key=KEY, **changed)
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")


def test_two_guests_may_choose_the_same_key(guest: Shopper, shop: RunningShop, cart: dict[str, Any]) -> None:
    other = Shopper(shop.url)
    other.http.headers["X-Forwarded-For"] = "203.0.113.9"
    sku = cart["lines"][0]["sku"]
    mine, theirs = guest.check_out(cart, key=KEY), other.check_out(other.bag((sku, 1)), key=KEY)
    assert (mine.status_code, theirs.status_code) == (201, 201)
    assert mine.json()["order"]["number"] != theirs.json()["order"]["number"]


def test_one_guest_with_one_key_and_another_cart_is_refused(guest: Shopper, cart: dict[str, Any]) -> None:
    sku = cart["lines"][0]["sku"]
    first = guest.check_out(cart, key=KEY)
    other = guest.bag((sku, 1))
    answer = guest.check_out(other, key=KEY)
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert Order.objects.count() == 1
    assert guest.check_out(cart, key=KEY).content == first.content
    assert guest.check_out(other, key="another-key").status_code == 201


def test_one_guest_who_moves_to_another_network_gets_the_first_answer(
    guest: Shopper, shop: RunningShop, cart: dict[str, Any]
) -> None:
    first = guest.check_out(cart, key=KEY)
    elsewhere = Shopper(shop.url)
    elsewhere.http.headers["X-Forwarded-For"] = "203.0.113.9"
    again = elsewhere.check_out(cart, key=KEY)
    assert (again.content, again.headers["Idempotent-Replayed"]) == (first.content, "true")


def _check_out_with_query(guest: Shopper, cart: dict[str, Any], query: str) -> requests.Response:
    body = {
        "cart": cart["id"], "email": "ira@example.com", "shipping_address": ADDRESS, "shipping_method": "standard",
        "expected_total": cart["totals"]["total"],
    }  # fmt: skip
    return guest.call("POST", f"checkout?{query}", body, Idempotency_Key=KEY)


def test_a_parameter_nobody_reads_does_not_make_a_checkout_another_request(guest: Shopper, cart: dict[str, Any]) -> None:
    first = guest.check_out(cart, key=KEY)
    for query in ("token=anything", "token=", "cart=another"):
        again = _check_out_with_query(guest, cart, query)
        assert (again.status_code, again.content) == (201, first.content)
    assert IdempotencyRecord.objects.filter(key=KEY).count() == 1


@pytest.fixture
def revoked(guest: Shopper, cart: dict[str, Any]) -> dict[str, Any]:
    """An order whose links staff have revoked, with a stored answer to its buyer from the time before."""
    placed: dict[str, Any] = guest.check_out(cart, key=KEY).json()
    assert guest.call("POST", order_path(placed, "/payment/retry"), {}, Idempotency_Key="retry-1").status_code == 200
    path = f"admin/orders/{placed['order']['number']}/revoke-links"
    assert signed_in(make_staff()).post(path, {}).status_code == 200
    assert guest.call("GET", order_path(placed)).status_code == 404
    return placed


@pytest.mark.parametrize("query", ["", "token=anything"])
@pytest.mark.parametrize("is_noted", [True, False], ids=["noted", "not noted"])
def test_a_checkout_that_is_sent_again_makes_no_new_link_to_an_order_whose_links_were_revoked(
    guest: Shopper, cart: dict[str, Any], revoked: dict[str, Any], query: str, is_noted: bool
) -> None:
    if not is_noted:
        _killed_before_the_answer()
    answer = _check_out_with_query(guest, cart, query)
    assert answer.status_code == (201 if is_noted else 409)
    if is_noted:  # the first answer again, with the link that is dead
        assert answer.json() == revoked
        assert guest.call("GET", order_path(answer.json())).status_code == 404


def test_a_stored_answer_is_not_given_to_a_link_that_was_revoked(
    guest: Shopper, shop: RunningShop, revoked: dict[str, Any]
) -> None:
    member = Shopper(shop.url, access=access_token(make_user()))
    for visitor in (guest, member):
        answer = visitor.call("POST", order_path(revoked, "/payment/retry"), {}, Idempotency_Key="retry-1")
        assert answer.status_code == 404
        assert revoked["order"]["number"] not in answer.text
        assert visitor.call("POST", order_path(revoked, "/cancel"), {}, Idempotency_Key="c").status_code == 404
    fresh = {**revoked, "order_token": link_token(Order.objects.get())}
    again = guest.call("POST", order_path(fresh, "/payment/retry"), {}, Idempotency_Key="retry-1")
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (200, "true")


def test_a_member_with_a_link_gets_no_stored_answer_once_it_is_revoked(
    guest: Shopper, shop: RunningShop, cart: dict[str, Any]
) -> None:
    placed = guest.check_out(cart).json()
    member = Shopper(shop.url, access=access_token(make_user()))
    assert member.call("POST", order_path(placed, "/cancel"), {}, Idempotency_Key="c").status_code == 200
    signed_in(make_staff()).post(f"admin/orders/{placed['order']['number']}/revoke-links", {})
    assert member.call("POST", order_path(placed, "/cancel"), {}, Idempotency_Key="c").status_code == 404


def test_a_guest_gets_no_stored_answer_about_a_cart_that_is_a_members_by_now(client: Client) -> None:
    variant = make_variant(price=inr(1_00), on_hand=9)
    cart = client.post("carts", {}).json()["id"]
    body = {"sku": variant.sku, "quantity": 1}
    assert client.post(f"carts/{cart}/lines", body, **with_key("k")).status_code == 201
    make_user(email="noor@example.com")
    assert Client().post("auth/login", {"email": "noor@example.com", "password": PASSWORD, "cart": cart}).status_code == 200
    assert client.post(f"carts/{cart}/lines", body, **with_key("k")).status_code == 404


def test_staff_who_may_not_look_at_orders_any_more_get_no_stored_answer(
    guest: Shopper, gateway: LocalGateway, cart: dict[str, Any]
) -> None:
    placed = guest.check_out(cart).json()
    path = f"admin/orders/{placed['order']['number']}/notes"
    member = make_staff()
    assert signed_in(member).post(path, {"text": "a note"}, **with_key("n")).status_code == 201
    Role.objects.filter(users=member).update(permissions=["orders.edit"])
    assert signed_in(member).post(path, {"text": "a note"}, **with_key("n")).status_code == 404


def test_two_guests_with_one_key_get_carts_of_their_own() -> None:
    def cart_from(address: str) -> str:
        answer = Client().post("carts", {}, **with_key("1"), HTTP_X_FORWARDED_FOR=address)
        return str(answer.json()["id"])

    assert cart_from("203.0.113.9") == cart_from("203.0.113.9")
    assert cart_from("203.0.113.9") != cart_from("203.0.113.10")


def test_a_record_holds_no_cart_id_and_no_order_token() -> None:
    variant = make_variant(price=inr(1_00))
    cart = Client().post("carts", {}).json()["id"]
    body = {"sku": variant.sku, "quantity": 1}
    assert Client().post(f"carts/{cart}/lines?token=secret-token", body, **with_key("k")).status_code == 201
    scope = IdempotencyRecord.objects.get(key="k").scope
    assert "secret-token" not in scope
    assert scope.startswith("guest:")


def test_a_very_long_path_does_not_cut_the_owner_off() -> None:
    one, other = signed_in(make_user()), signed_in(make_user())
    path = f"orders/{'N' * 600}/cancel"
    for client in (one, other):
        assert client.post(path, {}, **with_key("k")).status_code == 404
    assert IdempotencyRecord.objects.filter(key="k").count() == 2


def test_an_erased_account_leaves_no_kept_answer(shopper: Client) -> None:
    assert shopper.post("carts", {}, **with_key("k")).status_code == 201
    assert signed_in(make_user()).post("carts", {}, **with_key("k")).status_code == 201
    assert shopper.delete("me", {"password": PASSWORD}).status_code == 204
    assert IdempotencyRecord.objects.filter(key="k").count() == 1


def test_a_refund_that_was_cut_off_belongs_to_its_body(guest: Shopper, gateway: LocalGateway, cart: dict[str, Any]) -> None:
    placed = guest.check_out(cart).json()
    guest.verify(placed, gateway.pay(placed["payment"]["gateway_order_id"]))
    path = f"admin/orders/{placed['order']['number']}/refund"
    owner, other = signed_in(make_staff()), signed_in(make_staff())
    body = {"amount": {"amount": 100_00, "currency": "INR"}, "reason": "broken"}
    assert owner.post(path, body, **with_key(KEY)).status_code == 201
    _killed_before_the_answer()
    answer = owner.post(path, body | {"amount": {"amount": 900_00, "currency": "INR"}}, **with_key(KEY))
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    IdempotencyRecord.objects.filter(key=KEY).delete()
    assert owner.post(path, body, **with_key(KEY)).status_code == 201
    assert [refund.amount for refund in Refund.objects.all()] == [100_00]
    assert len(Refund.objects.get().key) <= 40
    assert other.post(path, body, **with_key(KEY)).status_code == 201  # another person's key is another wish
    assert Refund.objects.count() == 2


def test_a_payment_retry_is_answered_once_for_each_key_body_and_viewer(
    guest: Shopper, gateway: LocalGateway, shop: RunningShop, cart: dict[str, Any]
) -> None:
    placed = guest.check_out(cart).json()
    path = f"orders/{placed['order']['number']}/payment/retry?token={placed['order_token']}"
    first, again = (guest.call("POST", path, {}, Idempotency_Key="retry-1") for _ in range(2))
    assert (first.status_code, again.status_code) == (200, 200), first.text
    assert again.content == first.content
    assert again.headers["Idempotent-Replayed"] == "true"
    assert first.json()["payment"]["gateway_order_id"] == placed["payment"]["gateway_order_id"]

    other_body = guest.call("POST", path, {"note": "another"}, Idempotency_Key="retry-1")
    assert (other_body.status_code, other_body.json()["code"]) == (422, "idempotency_key_reused")

    stranger = Shopper(shop.url, access=access_token(make_user()))
    without_token = stranger.call("POST", path.partition("?")[0], {}, Idempotency_Key="retry-1")
    assert without_token.status_code == 404
    assert placed["order_token"] not in without_token.text

    # A refusal is the answer to its key; the same press with a new key is looked at anew.
    guest.verify(placed, gateway.pay(placed["payment"]["gateway_order_id"]))
    assert guest.call("POST", path, {}, Idempotency_Key="retry-1").content == first.content
    paid = guest.call("POST", path, {}, Idempotency_Key="retry-2")
    assert (paid.status_code, paid.json()["code"]) == (409, "order_not_payable")
