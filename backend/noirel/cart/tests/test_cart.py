"""A bag over HTTP."""

from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from noirel.cart.models import Cart, CartLine
from noirel.cart.services import adopt_guest_cart, restore_lines
from noirel.catalog.models import Product, Variant
from noirel.catalog.services.variants import update_variant
from noirel.core.domain.money import inr
from noirel.core.viewer import SYSTEM
from noirel.pricing.services import ensure_defaults
from tests.client import Client, signed_in
from tests.make import make_user, make_variant

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _delivery(db: None) -> None:
    ensure_defaults()


def bag(client: Client, sku: str, quantity: int = 1) -> dict[str, Any]:
    cart = client.post("carts", {}).json()
    answer = client.post(f"carts/{cart['id']}/lines", {"sku": sku, "quantity": quantity})
    assert answer.status_code == 201, answer.content
    return dict(answer.json())


def test_a_new_bag_is_empty_and_costs_nothing(client: Client) -> None:
    answer = client.post("carts", {})
    assert answer.status_code == 201
    assert (answer.json()["lines"], answer.json()["warnings"], answer.json()["item_count"]) == ([], [], 0)
    assert answer.json()["totals"]["total"] == {"amount": 0, "currency": "INR"}
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_same_thing_joins_its_line_and_another_engraving_does_not(client: Client) -> None:
    variant = make_variant(price=inr(4_900_00), on_hand=9)
    cart = bag(client, variant.sku, 2)
    lines = f"carts/{cart['id']}/lines"
    assert client.post(lines, {"sku": variant.sku, "quantity": 1}).json()["lines"][0]["quantity"] == 3
    both = client.post(lines, {"sku": variant.sku, "quantity": 1, "engraving": "Ira"}).json()
    assert [(line["quantity"], line["engraving"]) for line in both["lines"]] == [(3, None), (1, "Ira")]
    assert both["totals"]["subtotal"] == {"amount": 19_600_00, "currency": "INR"}
    assert both["totals"]["shipping"] == {"amount": 0, "currency": "INR"}


def test_more_than_there_is_is_refused_and_changes_nothing(client: Client) -> None:
    variant = make_variant(price=inr(4_900_00), on_hand=3)
    cart = bag(client, variant.sku, 2)
    refused = client.post(f"carts/{cart['id']}/lines", {"sku": variant.sku, "quantity": 2})
    assert (refused.status_code, refused.json()["code"]) == (409, "out_of_stock")
    assert refused.json()["lines"] == [{"sku": variant.sku, "requested": 4, "available": 3}]
    line = f"carts/{cart['id']}/lines/{cart['lines'][0]['id']}"
    assert client.patch(line, {"quantity": 4}).status_code == 409
    assert client.patch(line, {"quantity": 3}).json()["item_count"] == 3
    assert client.patch(line, {"quantity": 0}).status_code == 400
    assert client.delete(line).json()["lines"] == []
    assert client.delete(line).status_code == 404


def test_what_can_not_be_had_any_more_is_told_and_stays(client: Client) -> None:
    gone, dearer = make_variant(price=inr(4_900_00)), make_variant(price=inr(900_00))
    cart = bag(client, gone.sku)
    client.post(f"carts/{cart['id']}/lines", {"sku": dearer.sku, "quantity": 2})
    Product.objects.filter(pk=gone.product_id).update(status="archived")
    Variant.objects.filter(pk=dearer.pk).update(price_amount=950_00, available=1)
    now = client.get(f"carts/{cart['id']}").json()
    assert {(w["code"], w["sku"]) for w in now["warnings"]} == {
        ("unavailable", gone.sku), ("price_changed", dearer.sku), ("quantity_reduced", dearer.sku),
    }  # fmt: skip
    assert len(now["lines"]) == 2
    assert now["totals"]["subtotal"] == {"amount": 1_900_00, "currency": "INR"}


@pytest.mark.parametrize(
    "body",
    [{"sku": "NO-SUCH", "quantity": 1}, {"sku": "X", "quantity": 0}, {"sku": "X", "quantiy": 1}, {"sku": "X", "quantity": 1.5},
     {"sku": "X\x00", "quantity": 1}, {"sku": "X", "quantity": 1, "engraving": "<b>"}],
)  # fmt: skip
def test_a_line_that_makes_no_sense_is_refused(client: Client, body: dict[str, Any]) -> None:
    make_variant(price=inr(4_900_00), sku="X")
    cart = client.post("carts", {}).json()
    assert client.post(f"carts/{cart['id']}/lines", body).status_code == 400


def test_what_costs_nothing_is_not_sold(client: Client) -> None:
    vial = make_variant(price=inr(0))
    cart = client.post("carts", {}).json()
    refused = client.post(f"carts/{cart['id']}/lines", {"sku": vial.sku, "quantity": 1})
    assert (refused.status_code, refused.json()["code"]) == (409, "not_sold_separately")


def test_where_it_goes_decides_how_it_can_be_delivered(client: Client) -> None:
    cart = bag(client, make_variant(price=inr(4_900_00)).sku)
    methods = f"carts/{cart['id']}/shipping-methods"
    mumbai = client.get(f"{methods}?country=IN&postcode=400020").json()["results"]
    assert [(m["code"], m["price"]["amount"]) for m in mumbai] == [("standard", 250_00), ("evening", 450_00)]
    assert [m["code"] for m in client.get(f"{methods}?country=IN&postcode=793001").json()["results"]] == ["standard"]
    assert [m["code"] for m in client.get(f"{methods}?country=FR&postcode=75001").json()["results"]] == ["abroad"]
    chosen = client.patch(f"carts/{cart['id']}", {"country": "IN", "postcode": "400020", "shipping_method": "evening"}).json()
    assert chosen["totals"]["total"] == {"amount": 5_350_00, "currency": "INR"}


def test_gift_and_note_are_kept_and_unknown_words_refused(client: Client) -> None:
    cart = client.post("carts", {}).json()
    kept = client.patch(f"carts/{cart['id']}", {"gift": {"wrap": True, "message": "For 21:12"}, "note": "Ring twice"}).json()
    assert kept["gift"] == {"wrap": True, "message": "For 21:12", "hide_prices": False}
    assert client.get(f"carts/{cart['id']}").json()["note"] == "Ring twice"
    refused = client.patch(f"carts/{cart['id']}", {"nte": "x"})
    assert [error["field"] for error in refused.json()["errors"]] == ["nte"]


def test_a_members_bag_opens_to_its_owner_only(client: Client) -> None:
    mine, theirs = signed_in(make_user()), signed_in(make_user())
    cart = mine.get("cart").json()
    assert mine.get("cart").json()["id"] == cart["id"]
    assert mine.get(f"carts/{cart['id']}").status_code == 200
    for stranger in (client, theirs):
        assert stranger.get(f"carts/{cart['id']}").status_code == 404
        assert stranger.patch(f"carts/{cart['id']}", {"note": "x"}).status_code == 404
    assert client.get("cart").status_code == 401
    assert client.get(f"carts/{uuid4()}").status_code == 404


def test_a_guests_bag_joins_the_members(client: Client) -> None:
    user = make_user()
    mine = signed_in(user)
    variant, other = make_variant(price=inr(4_900_00)), make_variant(price=inr(900_00))
    own = mine.get("cart").json()
    mine.post(f"carts/{own['id']}/lines", {"sku": variant.sku, "quantity": 1})
    guests = bag(client, variant.sku, 3)
    client.post(f"carts/{guests['id']}/lines", {"sku": other.sku, "quantity": 1})
    for _ in range(2):
        adopt_guest_cart({"user_id": str(user.pk), "cart_id": guests["id"]})
    joined = mine.get("cart").json()
    assert {(line["sku"], line["quantity"]) for line in joined["lines"]} == {(variant.sku, 3), (other.sku, 1)}
    assert Cart.objects.count() == 1


def test_every_change_of_a_bag_is_one_that_a_slower_window_notices(client: Client) -> None:
    variant = make_variant(price=inr(4_900_00), on_hand=9)
    cart = bag(client, variant.sku)
    line = f"carts/{cart['id']}/lines/{cart['lines'][0]['id']}"
    back = {"variant_id": variant.pk, "sku": variant.sku, "quantity": 1, "engraving": "", "unit_price_amount": 4_900_00}
    member = make_user()
    own = signed_in(member).get("cart").json()["id"]
    seen = {cart["id"]: Cart.objects.get(pk=cart["id"]).updated_at, own: Cart.objects.get(pk=own).updated_at}
    for which, change in (
        (cart["id"], lambda: client.post(f"carts/{cart['id']}/lines", {"sku": variant.sku, "quantity": 1})),
        (cart["id"], lambda: client.patch(line, {"quantity": 1})),
        (cart["id"], lambda: client.patch(f"carts/{cart['id']}", {"note": "Ring twice"})),
        (cart["id"], lambda: client.delete(line)),
        (cart["id"], lambda: restore_lines({"cart_id": cart["id"], "lines": [back], "note": "", "gift": {}, "samples": []})),
        (own, lambda: adopt_guest_cart({"user_id": str(member.pk), "cart_id": cart["id"]})),
    ):
        change()
        now = Cart.objects.get(pk=which).updated_at
        assert now > seen[which]
        seen[which] = now


def test_one_line_holds_at_most_99_however_many_requests_it_takes(client: Client) -> None:
    variant = make_variant(price=inr(4_900_00), on_hand=None)
    cart = bag(client, variant.sku, 99)
    lines = f"carts/{cart['id']}/lines"
    for quantity in (1, 99):
        refused = client.post(lines, {"sku": variant.sku, "quantity": quantity})
        assert (refused.status_code, refused.json()["code"]) == (409, "quantity_limit")
        assert refused.json()["detail"] == "A bag holds 99 of one thing."
    twice = client.post("carts", {"lines": [{"sku": variant.sku, "quantity": 60}] * 2})
    assert (twice.status_code, twice.json()["code"]) == (409, "quantity_limit")
    (line,) = client.get(f"carts/{cart['id']}").json()["lines"]
    assert line["quantity"] == 99
    assert client.patch(f"{lines}/{line['id']}", {"quantity": 98}).json()["item_count"] == 98


def test_lines_that_become_one_hold_at_most_99_too(client: Client) -> None:
    variant = make_variant(price=inr(4_900_00), on_hand=None)
    cart = bag(client, variant.sku, 60)
    lines = f"carts/{cart['id']}/lines"
    other = client.post(lines, {"sku": variant.sku, "quantity": 60, "engraving": "Ira"}).json()["lines"][1]
    joined = client.patch(f"{lines}/{other['id']}", {"engraving": None})
    assert (joined.status_code, joined.json()["code"]) == (409, "quantity_limit")
    assert [line["quantity"] for line in client.get(f"carts/{cart['id']}").json()["lines"]] == [60, 60]
    back = {"variant_id": variant.pk, "sku": variant.sku, "quantity": 60, "engraving": "", "unit_price_amount": 4_900_00}
    nothing_said = {"note": "", "gift": {"wrap": False, "message": "", "hide_prices": False}, "samples": []}
    restore_lines({"cart_id": cart["id"], "lines": [back], **nothing_said})
    assert [line["quantity"] for line in client.get(f"carts/{cart['id']}").json()["lines"]] == [99, 60]


def test_a_variant_with_a_new_sku_stays_in_open_carts(client: Client) -> None:
    variant = make_variant(price=inr(4_900_00), sku="ENC-50", on_hand=9)
    cart = bag(client, "ENC-50", 2)
    update_variant("ENC-50", actor=SYSTEM, sku="ENCRE-050")
    now = client.get(f"carts/{cart['id']}").json()
    (line,) = now["lines"]
    assert (line["sku"], line["quantity"], line["product"]["name"]) == ("ENCRE-050", 2, variant.product.name)
    assert now["warnings"] == []
    assert now["totals"] == cart["totals"]
    more = client.post(f"carts/{cart['id']}/lines", {"sku": "ENCRE-050", "quantity": 1}).json()
    assert [(one["id"], one["sku"], one["quantity"]) for one in more["lines"]] == [(line["id"], "ENCRE-050", 3)]
    assert client.patch(f"carts/{cart['id']}/lines/{line['id']}", {"quantity": 4}).json()["item_count"] == 4
    assert CartLine.objects.get().sku == "ENCRE-050"


def test_another_country_brings_its_own_methods_and_total(client: Client) -> None:
    cart = bag(client, make_variant(price=inr(4_900_00)).sku)
    path = f"carts/{cart['id']}"
    chosen = client.patch(path, {"country": "IN", "postcode": "400020", "shipping_method": "evening"}).json()
    assert (chosen["shipping_method"], chosen["totals"]["shipping"]["amount"]) == ("evening", 450_00)
    moved = client.patch(path, {"country": "FR"}).json()
    assert (moved["country"], moved["postcode"], moved["shipping_method"]) == ("FR", "", None)
    assert moved["is_deliverable"] is True
    assert client.patch(path, {"country": "ZZ"}).json()["is_deliverable"] is False
    client.patch(path, {"country": "FR"})
    (abroad,) = client.get(f"{path}/shipping-methods").json()["results"]
    assert abroad["code"] == "abroad"
    assert moved["totals"]["shipping"] == abroad["price"]
    assert moved["totals"]["total"]["amount"] == 4_900_00 + abroad["price"]["amount"]


def test_a_method_that_does_not_deliver_there_is_not_chosen(client: Client) -> None:
    cart = bag(client, make_variant(price=inr(4_900_00)).sku)
    path = f"carts/{cart['id']}"
    client.patch(path, {"country": "IN", "postcode": "400020", "shipping_method": "evening"})
    assert client.patch(path, {"postcode": "793001"}).json()["shipping_method"] is None
    assert client.patch(path, {"postcode": "400020"}).json()["shipping_method"] == "evening"


@given(
    prices=st.lists(st.tuples(st.integers(1, 9_999_99), st.integers(1, 99)), min_size=1, max_size=4),
    place=st.sampled_from([("", ""), ("IN", ""), ("IN", "400020"), ("IN", "793001"), ("FR", "75001"), ("US", "10001")]),
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_total_of_any_cart_is_the_sum_of_its_lines(
    client: Client, prices: list[tuple[int, int]], place: tuple[str, str]
) -> None:
    lines = [{"sku": make_variant(price=inr(price), on_hand=None).sku, "quantity": quantity} for price, quantity in prices]
    cart = client.post("carts", {"lines": lines}).json()
    country, postcode = place
    cart = client.patch(f"carts/{cart['id']}", {"country": country, "postcode": postcode}).json()
    totals = {name: money["amount"] for name, money in cart["totals"].items()}
    assert sum(line["total"]["amount"] for line in cart["lines"]) == totals["subtotal"]
    assert totals["subtotal"] - totals["discount"] + totals["shipping"] == totals["total"]
