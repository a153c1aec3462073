"""Carts over HTTP."""

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


def cart_with(client: Client, sku: str, quantity: int = 1) -> dict[str, Any]:
    cart = client.post("carts", {}).json()
    response = client.post(f"carts/{cart['id']}/lines", {"sku": sku, "quantity": quantity})
    assert response.status_code == 201, response.content
    return dict(response.json())


def test_a_new_cart_is_empty_and_costs_nothing(client: Client) -> None:
    response = client.post("carts", {})
    assert response.status_code == 201
    assert (response.json()["lines"], response.json()["warnings"], response.json()["item_count"]) == ([], [], 0)
    assert response.json()["totals"]["total"] == {"amount": 0, "currency": "INR"}
    assert response.headers["Cache-Control"] == "no-store"


def test_adding_the_same_variant_increases_its_line_unless_the_engraving_differs(client: Client) -> None:
    variant = make_variant(price=inr(4_900_00), on_hand=9)
    cart = cart_with(client, variant.sku, 2)
    lines = f"carts/{cart['id']}/lines"
    assert client.post(lines, {"sku": variant.sku, "quantity": 1}).json()["lines"][0]["quantity"] == 3
    two_lines = client.post(lines, {"sku": variant.sku, "quantity": 1, "engraving": "Ira"}).json()
    assert [(line["quantity"], line["engraving"]) for line in two_lines["lines"]] == [(3, None), (1, "Ira")]
    assert two_lines["totals"]["subtotal"] == {"amount": 19_600_00, "currency": "INR"}
    assert two_lines["totals"]["shipping"] == {"amount": 0, "currency": "INR"}


def test_more_units_than_available_are_refused_and_nothing_changes(client: Client) -> None:
    variant = make_variant(price=inr(4_900_00), on_hand=3)
    cart = cart_with(client, variant.sku, 2)
    refused = client.post(f"carts/{cart['id']}/lines", {"sku": variant.sku, "quantity": 2})
    assert (refused.status_code, refused.json()["code"]) == (409, "out_of_stock")
    assert refused.json()["lines"] == [{"sku": variant.sku, "requested": 4, "available": 3}]
    line = f"carts/{cart['id']}/lines/{cart['lines'][0]['id']}"
    assert client.patch(line, {"quantity": 4}).status_code == 409
    assert client.patch(line, {"quantity": 3}).json()["item_count"] == 3
    assert client.patch(line, {"quantity": 0}).status_code == 400
    assert client.delete(line).json()["lines"] == []
    assert client.delete(line).status_code == 404


def test_lines_that_became_unavailable_stay_in_the_cart_with_a_warning(client: Client) -> None:
    archived, repriced = make_variant(price=inr(4_900_00)), make_variant(price=inr(900_00))
    cart = cart_with(client, archived.sku)
    client.post(f"carts/{cart['id']}/lines", {"sku": repriced.sku, "quantity": 2})
    Product.objects.filter(pk=archived.product_id).update(status="archived")
    Variant.objects.filter(pk=repriced.pk).update(price_amount=950_00, available=1)
    current = client.get(f"carts/{cart['id']}").json()
    assert {(w["code"], w["sku"]) for w in current["warnings"]} == {
        ("unavailable", archived.sku), ("price_changed", repriced.sku), ("quantity_reduced", repriced.sku),
    }  # fmt: skip
    assert len(current["lines"]) == 2
    assert current["totals"]["subtotal"] == {"amount": 1_900_00, "currency": "INR"}


@pytest.mark.parametrize(
    "body",
    [{"sku": "NO-SUCH", "quantity": 1}, {"sku": "X", "quantity": 0}, {"sku": "X", "quantiy": 1}, {"sku": "X", "quantity": 1.5},
     {"sku": "X\x00", "quantity": 1}, {"sku": "X", "quantity": 1, "engraving": "<b>"}],
)  # fmt: skip
def test_an_invalid_line_is_refused(client: Client, body: dict[str, Any]) -> None:
    make_variant(price=inr(4_900_00), sku="X")
    cart = client.post("carts", {}).json()
    assert client.post(f"carts/{cart['id']}/lines", body).status_code == 400


def test_a_free_sample_can_not_be_bought(client: Client) -> None:
    vial = make_variant(price=inr(0))
    cart = client.post("carts", {}).json()
    refused = client.post(f"carts/{cart['id']}/lines", {"sku": vial.sku, "quantity": 1})
    assert (refused.status_code, refused.json()["code"]) == (409, "not_sold_separately")


def test_the_destination_decides_which_shipping_methods_are_offered(client: Client) -> None:
    cart = cart_with(client, make_variant(price=inr(4_900_00)).sku)
    methods = f"carts/{cart['id']}/shipping-methods"
    mumbai = client.get(f"{methods}?country=IN&postcode=400020").json()["results"]
    assert [(m["code"], m["price"]["amount"]) for m in mumbai] == [("standard", 250_00), ("evening", 450_00)]
    assert [m["code"] for m in client.get(f"{methods}?country=IN&postcode=793001").json()["results"]] == ["standard"]
    assert [m["code"] for m in client.get(f"{methods}?country=FR&postcode=75001").json()["results"]] == ["abroad"]
    chosen = client.patch(f"carts/{cart['id']}", {"country": "IN", "postcode": "400020", "shipping_method": "evening"}).json()
    assert chosen["totals"]["total"] == {"amount": 5_350_00, "currency": "INR"}


def test_gift_options_and_note_are_saved_and_unknown_fields_refused(client: Client) -> None:
    cart = client.post("carts", {}).json()
    updated = client.patch(f"carts/{cart['id']}", {"gift": {"wrap": True, "message": "For 21:12"}, "note": "Ring twice"}).json()
    assert updated["gift"] == {"wrap": True, "message": "For 21:12", "hide_prices": False}
    assert client.get(f"carts/{cart['id']}").json()["note"] == "Ring twice"
    refused = client.patch(f"carts/{cart['id']}", {"nte": "x"})
    assert [error["field"] for error in refused.json()["errors"]] == ["nte"]


def test_a_members_cart_is_accessible_to_its_owner_only(client: Client) -> None:
    member, other_member = signed_in(make_user()), signed_in(make_user())
    cart = member.get("cart").json()
    assert member.get("cart").json()["id"] == cart["id"]
    assert member.get(f"carts/{cart['id']}").status_code == 200
    for stranger in (client, other_member):
        assert stranger.get(f"carts/{cart['id']}").status_code == 404
        assert stranger.patch(f"carts/{cart['id']}", {"note": "x"}).status_code == 404
    assert client.get("cart").status_code == 401
    assert client.get(f"carts/{uuid4()}").status_code == 404


def test_a_guests_cart_is_merged_into_the_members_cart(client: Client) -> None:
    user = make_user()
    member = signed_in(user)
    variant, other = make_variant(price=inr(4_900_00)), make_variant(price=inr(900_00))
    own_cart = member.get("cart").json()
    member.post(f"carts/{own_cart['id']}/lines", {"sku": variant.sku, "quantity": 1})
    guest_cart = cart_with(client, variant.sku, 3)
    client.post(f"carts/{guest_cart['id']}/lines", {"sku": other.sku, "quantity": 1})
    for _ in range(2):
        adopt_guest_cart({"user_id": str(user.pk), "cart_id": guest_cart["id"]})
    merged = member.get("cart").json()
    assert {(line["sku"], line["quantity"]) for line in merged["lines"]} == {(variant.sku, 3), (other.sku, 1)}
    assert Cart.objects.count() == 1


def test_every_change_of_a_cart_increases_updated_at(client: Client) -> None:
    variant = make_variant(price=inr(4_900_00), on_hand=9)
    cart = cart_with(client, variant.sku)
    line = f"carts/{cart['id']}/lines/{cart['lines'][0]['id']}"
    restored = {"variant_id": variant.pk, "sku": variant.sku, "quantity": 1, "engraving": "", "unit_price_amount": 4_900_00}
    member = make_user()
    own_cart = signed_in(member).get("cart").json()["id"]
    last_change = {cart["id"]: Cart.objects.get(pk=cart["id"]).updated_at, own_cart: Cart.objects.get(pk=own_cart).updated_at}
    for changed_id, change in (
        (cart["id"], lambda: client.post(f"carts/{cart['id']}/lines", {"sku": variant.sku, "quantity": 1})),
        (cart["id"], lambda: client.patch(line, {"quantity": 1})),
        (cart["id"], lambda: client.patch(f"carts/{cart['id']}", {"note": "Ring twice"})),
        (cart["id"], lambda: client.delete(line)),
        (
            cart["id"],
            lambda: restore_lines({"cart_id": cart["id"], "lines": [restored], "note": "", "gift": {}, "samples": []}),
        ),
        (own_cart, lambda: adopt_guest_cart({"user_id": str(member.pk), "cart_id": cart["id"]})),
    ):
        change()
        current = Cart.objects.get(pk=changed_id).updated_at
        assert current > last_change[changed_id]
        last_change[changed_id] = current


def test_a_line_holds_at_most_99_units_over_several_requests(client: Client) -> None:
    variant = make_variant(price=inr(4_900_00), on_hand=None)
    cart = cart_with(client, variant.sku, 99)
    lines = f"carts/{cart['id']}/lines"
    for quantity in (1, 99):
        refused = client.post(lines, {"sku": variant.sku, "quantity": quantity})
        assert (refused.status_code, refused.json()["code"]) == (409, "quantity_limit")
        assert refused.json()["detail"] == "A bag holds 99 of one thing."
    repeated = client.post("carts", {"lines": [{"sku": variant.sku, "quantity": 60}] * 2})
    assert (repeated.status_code, repeated.json()["code"]) == (409, "quantity_limit")
    (line,) = client.get(f"carts/{cart['id']}").json()["lines"]
    assert line["quantity"] == 99
    assert client.patch(f"{lines}/{line['id']}", {"quantity": 98}).json()["item_count"] == 98


def test_merged_lines_hold_at_most_99_units(client: Client) -> None:
    variant = make_variant(price=inr(4_900_00), on_hand=None)
    cart = cart_with(client, variant.sku, 60)
    lines = f"carts/{cart['id']}/lines"
    other = client.post(lines, {"sku": variant.sku, "quantity": 60, "engraving": "Ira"}).json()["lines"][1]
    merged = client.patch(f"{lines}/{other['id']}", {"engraving": None})
    assert (merged.status_code, merged.json()["code"]) == (409, "quantity_limit")
    assert [line["quantity"] for line in client.get(f"carts/{cart['id']}").json()["lines"]] == [60, 60]
    restored = {"variant_id": variant.pk, "sku": variant.sku, "quantity": 60, "engraving": "", "unit_price_amount": 4_900_00}
    no_options = {"note": "", "gift": {"wrap": False, "message": "", "hide_prices": False}, "samples": []}
    restore_lines({"cart_id": cart["id"], "lines": [restored], **no_options})
    assert [line["quantity"] for line in client.get(f"carts/{cart['id']}").json()["lines"]] == [99, 60]


def test_a_variant_with_a_new_sku_stays_in_open_carts(client: Client) -> None:
    variant = make_variant(price=inr(4_900_00), sku="ENC-50", on_hand=9)
    cart = cart_with(client, "ENC-50", 2)
    update_variant("ENC-50", actor=SYSTEM, sku="ENCRE-050")
    current = client.get(f"carts/{cart['id']}").json()
    (line,) = current["lines"]
    assert (line["sku"], line["quantity"], line["product"]["name"]) == ("ENCRE-050", 2, variant.product.name)
    assert current["warnings"] == []
    assert current["totals"] == cart["totals"]
    changed = client.post(f"carts/{cart['id']}/lines", {"sku": "ENCRE-050", "quantity": 1}).json()
    assert [(changed_line["id"], changed_line["sku"], changed_line["quantity"]) for changed_line in changed["lines"]] == [
        (line["id"], "ENCRE-050", 3)
    ]
    assert client.patch(f"carts/{cart['id']}/lines/{line['id']}", {"quantity": 4}).json()["item_count"] == 4
    assert CartLine.objects.get().sku == "ENCRE-050"


def test_changing_the_country_changes_shipping_methods_and_total(client: Client) -> None:
    cart = cart_with(client, make_variant(price=inr(4_900_00)).sku)
    path = f"carts/{cart['id']}"
    chosen = client.patch(path, {"country": "IN", "postcode": "400020", "shipping_method": "evening"}).json()
    assert (chosen["shipping_method"], chosen["totals"]["shipping"]["amount"]) == ("evening", 450_00)
    abroad_cart = client.patch(path, {"country": "FR"}).json()
    assert (abroad_cart["country"], abroad_cart["postcode"], abroad_cart["shipping_method"]) == ("FR", "", None)
    assert abroad_cart["is_deliverable"] is True
    refused = client.patch(path, {"country": "ZZ"})
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (400, "not_served")
    client.patch(path, {"country": "FR"})
    (abroad,) = client.get(f"{path}/shipping-methods").json()["results"]
    assert abroad["code"] == "abroad"
    assert abroad_cart["totals"]["shipping"] == abroad["price"]
    assert abroad_cart["totals"]["total"]["amount"] == 4_900_00 + abroad["price"]["amount"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"country": "XX"}, "not_served"),
        ({"shipping_method": "../x"}, "invalid_choice"),
        ({"shipping_method": "no-such-method"}, "invalid_choice"),
        ({"country": "IN", "postcode": "٠٠٠٠٠٠"}, "invalid"),
    ],
)
def test_a_cart_goes_nowhere_that_does_not_exist(client: Client, change: dict[str, str], code: str) -> None:
    cart = cart_with(client, make_variant(price=inr(4_900_00)).sku)
    path = f"carts/{cart['id']}"
    before = client.patch(path, {"country": "IN", "postcode": "400020", "shipping_method": "evening"}).json()
    refused = client.patch(path, change)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (400, code)
    assert client.get(path).json() == before


def test_a_postcode_is_taken_in_the_digits_of_any_script_and_given_back_in_ascii(client: Client) -> None:
    cart = cart_with(client, make_variant(price=inr(4_900_00)).sku)
    answer = client.patch(f"carts/{cart['id']}", {"country": "IN", "postcode": "٥٦٠٠٠١"})
    assert (answer.status_code, answer.json()["postcode"]) == (200, "560001")


def test_a_shipping_method_that_does_not_deliver_to_the_destination_is_not_used(client: Client) -> None:
    cart = cart_with(client, make_variant(price=inr(4_900_00)).sku)
    path = f"carts/{cart['id']}"
    client.patch(path, {"country": "IN", "postcode": "400020", "shipping_method": "evening"})
    assert client.patch(path, {"postcode": "793001"}).json()["shipping_method"] is None
    assert client.patch(path, {"postcode": "400020"}).json()["shipping_method"] == "evening"


@given(
    prices=st.lists(st.tuples(st.integers(1, 9_999_99), st.integers(1, 99)), min_size=1, max_size=4),
    place=st.sampled_from([("", ""), ("IN", ""), ("IN", "400020"), ("IN", "793001"), ("FR", "75001"), ("US", "10001")]),
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_totals_of_any_cart_add_up(client: Client, prices: list[tuple[int, int]], place: tuple[str, str]) -> None:
    lines = [{"sku": make_variant(price=inr(price), on_hand=None).sku, "quantity": quantity} for price, quantity in prices]
    cart = client.post("carts", {"lines": lines}).json()
    country, postcode = place
    cart = client.patch(f"carts/{cart['id']}", {"country": country, "postcode": postcode}).json()
    totals = {name: money["amount"] for name, money in cart["totals"].items()}
    assert sum(line["total"]["amount"] for line in cart["lines"]) == totals["subtotal"]
    assert totals["subtotal"] - totals["discount"] + totals["shipping"] == totals["total"]
