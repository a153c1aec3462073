"""Where it goes: postcodes, states, phone numbers and free text, over HTTP."""

from typing import Any

import pytest

from noirel.core.domain.money import inr
from noirel.orders.models import Order
from noirel.pricing.services import ensure_defaults
from tests.client import Client
from tests.make import make_variant

pytestmark = pytest.mark.django_db
HOME = {
    "name": "Ananya Rao", "line1": "14 Lavelle Road", "city": "Bengaluru", "region": "KA", "postcode": "560001",
    "country": "IN", "phone": "+919886012345",
}  # fmt: skip


def test_a_postcode_says_where_it_lies_and_what_is_delivered_there(client: Client) -> None:
    ensure_defaults()
    answer = client.get("postcodes/in/560%20001")
    place = answer.json()
    assert (place["postcode"], place["country"], place["region"], place["city"]) == ("560001", "IN", "KA", "Bengaluru")
    assert place["serviceable"] is True
    assert [method["code"] for method in place["methods"]] == ["standard", "evening"]
    assert set(place["methods"][0]) == {"code", "name", "price", "promise", "cash_on_delivery"}
    assert place["methods"][0]["promise"]["latest_on"]
    assert "s-maxage" in answer.headers["Cache-Control"]


def test_an_unknown_postcode_is_promised_nothing(client: Client) -> None:
    ensure_defaults()
    place = client.get("postcodes/IN/999999").json()
    assert (place["serviceable"], place["methods"], place["region"]) == (False, [], "")
    for path in ("postcodes/IN/000000", "postcodes/IN/x", "postcodes/XX/1", "postcodes/GB/ZZ1%201ZZ"):
        assert client.get(path).status_code == 404, path


@pytest.mark.parametrize(("postcode", "code"), [("000000", "invalid"), ("999999", "unknown")])
def test_no_address_and_no_bag_takes_a_postcode_that_does_not_exist(
    client: Client, shopper: Client, postcode: str, code: str
) -> None:
    ensure_defaults()
    refused = shopper.post("me/addresses", HOME | {"postcode": postcode})
    assert [(error["field"], error["code"]) for error in refused.json()["errors"]] == [("postcode", code)]
    cart = client.post("carts", {"lines": [{"sku": make_variant(price=inr(4_900_00)).sku, "quantity": 1}]}).json()
    answer = client.patch(f"carts/{cart['id']}", {"country": "IN", "postcode": postcode})
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [("postcode", code)]
    methods = client.get(f"carts/{cart['id']}/shipping-methods?country=IN&postcode={postcode}").json()
    assert methods["results"] == []


def test_a_bag_keeps_a_postcode_as_its_country_writes_it(client: Client) -> None:
    cart = client.post("carts", {}).json()
    for country, written, kept in (
        ("IN", "560 001", "560001"),
        ("GB", "sw1a1aa", "SW1A 1AA"),
        ("US", "941031234", "94103-1234"),
    ):
        answer = client.patch(f"carts/{cart['id']}", {"country": country, "postcode": written})
        assert (answer.status_code, answer.json()["postcode"]) == (200, kept)


def test_an_address_is_kept_in_one_form_however_it_was_written(shopper: Client) -> None:
    written = HOME | {
        "region": "IN-KA",
        "postcode": "560 001",
        "phone": "\u202a(+91) 98860-12345\u202c",
        "name": "Ananya\u202e Rao",
    }
    saved = shopper.post("me/addresses", written)
    assert saved.status_code == 201
    assert {field: saved.json()[field] for field in HOME} == HOME


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"phone": "------"}, "phone"), ({"phone": "12345"}, "phone"), ({"region": "Atlantis"}, "region"),
     ({"name": "\u200b\u202e"}, "name"), ({"line1": "\u2066\u2069"}, "line1")],
)  # fmt: skip
def test_a_field_that_says_nothing_is_refused_by_its_name(shopper: Client, changes: dict[str, str], field: str) -> None:
    refused = shopper.post("me/addresses", HOME | changes)
    assert refused.status_code == 400
    assert [error["field"] for error in refused.json()["errors"]] == [field]


def test_an_address_without_postcodes_or_with_a_number_from_home(shopper: Client) -> None:
    dubai = {"name": "Noor", "line1": "1 Al Wasl Road", "city": "Dubai", "country": "AE", "phone": "050 123 4567"}
    saved = shopper.post("me/addresses", dubai)
    assert saved.status_code == 201
    assert (saved.json()["postcode"], saved.json()["phone"]) == ("", "+971501234567")
    assert shopper.post("me/addresses", dubai | {"phone": "+91 98860 12345"}).json()["phone"] == "+919886012345"


def test_a_profile_keeps_its_number_in_e164(shopper: Client) -> None:
    assert shopper.patch("me", {"phone": "098860 12345"}).json()["phone"] == "+919886012345"
    assert shopper.patch("me", {"phone": "------"}).status_code == 400
    assert shopper.patch("me", {"phone": ""}).json()["phone"] == ""


def test_what_goes_on_paper_has_nothing_in_it_that_cannot_be_seen(client: Client) -> None:
    """The gift card, the note and the engraving are printed or cut: no override turns their text around."""
    sku = make_variant(price=inr(4_900_00)).sku
    cart = client.post("carts", {"lines": [{"sku": sku, "quantity": 1, "engraving": "N\u202eR\u200b"}]}).json()
    assert cart["lines"][0]["engraving"] == "NR"
    changed: dict[str, Any] = client.patch(
        f"carts/{cart['id']}",
        {"gift": {"wrap": True, "message": "Dear Noor,\r\n\u202eyours\x07"}, "note": "Ring\u2066 twice\u2069"},
    ).json()
    assert changed["gift"]["message"] == "Dear Noor,\nyours"
    assert changed["note"] == "Ring twice"


def test_an_order_is_placed_with_a_number_the_gateway_can_call(client: Client) -> None:
    ensure_defaults()
    cart = client.post("carts", {"lines": [{"sku": make_variant(price=inr(4_900_00)).sku, "quantity": 1}]}).json()
    bag = client.patch(f"carts/{cart['id']}", {"country": "IN", "postcode": "560 001", "shipping_method": "standard"}).json()
    body = {
        "cart": cart["id"], "email": "ananya@example.in", "shipping_method": "standard",
        "expected_total": bag["totals"]["total"],
        "shipping_address": HOME | {"phone": "098860 12345", "postcode": "560 001", "region": "Karnataka"},
    }  # fmt: skip
    placed = client.post("checkout", body, HTTP_IDEMPOTENCY_KEY="one")
    # Without a gateway the order is let go again; its address was taken all the same.
    assert placed.status_code in {201, 503}
    assert Order.objects.get().shipping_address == HOME | {"line2": ""}
