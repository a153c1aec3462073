"""What a storefront knows of the shop before anybody buys."""

import re

import pytest

from noirel.catalog.models import Product
from noirel.core.domain.money import inr
from noirel.pricing.services import ensure_defaults
from tests.client import Client
from tests.make import make_variant

pytestmark = pytest.mark.django_db


def test_the_shop_introduces_itself_and_may_be_cached(client: Client) -> None:
    ensure_defaults()
    answer = client.get("shop")
    shop = answer.json()
    assert (shop["currency"], shop["free_shipping_over"]) == ("INR", {"amount": 10_000_00, "currency": "INR"})
    assert re.fullmatch(r"Delivered by [A-Z][a-z]+day \d{1,2} [A-Z][a-z]+\. Free over ₹10,000\.", shop["shipping_summary"])
    assert shop["gateway"]["key_id"].startswith("rzp_test_")
    assert next(country for country in shop["countries"] if country["code"] == "IN")["postcode_label"] == "PIN code"
    assert shop["time_zone"] == "Asia/Kolkata"
    assert "s-maxage" in answer.headers["Cache-Control"]
    assert client.get("shop", HTTP_IF_NONE_MATCH=answer.headers["ETag"]).status_code == 304


def test_only_a_sample_may_be_chosen_as_one(client: Client) -> None:
    bottle, vial = make_variant(price=inr(4_900_00)), make_variant(price=inr(0), name="Encre, a vial")
    Product.objects.filter(pk=vial.product_id).update(is_listed=False)
    assert [item["sku"] for item in client.get("shop").json()["samples"]["items"]] == [vial.sku]
    cart = client.post("carts", {}).json()
    assert client.patch(f"carts/{cart['id']}", {"samples": [vial.sku]}).json()["samples"] == [vial.sku]
    refused = client.patch(f"carts/{cart['id']}", {"samples": [bottle.sku]})
    assert [error["field"] for error in refused.json()["errors"]] == ["samples"]
