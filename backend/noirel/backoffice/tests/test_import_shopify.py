"""Shopify's product CSV, with the awkward things that real files hold."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from noirel.backoffice.imports.columns import read_header
from noirel.backoffice.imports.drafting import parse_product
from noirel.backoffice.imports.rows import Row
from noirel.catalog.models import Product, Variant
from noirel.catalog.sellable import sellable
from noirel.content.errors import PictureRefused
from noirel.content.remote import public_address
from noirel.core.domain.money import inr
from noirel.inventory.models import StockItem, StockMovement
from tests.client import Client

FILES = Path(__file__).parent / "files"
pytestmark = pytest.mark.django_db


def run(name: str, *options: str) -> str:
    out = StringIO()
    call_command("import_shopify", str(FILES / name), "--currency", "INR", *options, stdout=out, stderr=StringIO())
    return out.getvalue()


def counts(told: str) -> dict[str, int]:
    rows = (line.split(maxsplit=1) for line in told.splitlines() if line[:6].strip().isdigit() and line[6:8] == "  ")
    return {name: int(number) for number, name in rows}


def test_a_product_is_brought_in_whole_or_not_at_all() -> None:
    told = run("classic.csv")
    assert "9 rows read from classic.csv" in told
    assert counts(told) == {
        "products created": 3, "products changed": 0, "products unchanged": 0, "products refused": 3,
        "variants created": 5, "variants changed": 0, "variants unchanged": 0,
        "images found": 2,
    }  # fmt: skip
    assert "error: row 7, Option1 Value, twice: The same options as row 6." in told
    assert "error: row 8, Variant Price, odd-price: '1.234' has more decimals than INR." in told
    assert "error: row 9, Variant Price, words: 'cheap' is not a price. Enter a number like 1200.00." in told
    assert "note: header, Colour of the Wind: Not understood; left aside." in told
    assert not Product.objects.filter(slug__in=["twice", "odd-price", "words"]).exists()


def test_a_second_run_changes_nothing() -> None:
    run("classic.csv")
    sales = StockMovement.objects.count()
    again = counts(run("classic.csv"))
    assert (again["products unchanged"], again["products created"], again["products changed"]) == (3, 0, 0)
    assert (again["variants unchanged"], again["variants created"], again["variants changed"]) == (5, 0, 0)
    assert StockMovement.objects.count() == sales
    assert Variant.objects.count() == 5


def test_rows_of_one_handle_belong_together_wherever_they_stand() -> None:
    run("classic.csv")
    shirt = Product.objects.get(slug="linen-shirt")
    assert [v.options for v in shirt.variants.all()] == [{"size": "S"}, {"size": "M"}, {"size": "L"}]
    assert [v.price_amount for v in shirt.variants.all()] == [28_50, 28_50, 28_50]
    assert [v.compare_at_amount for v in shirt.variants.all()] == [35_00, None, None]
    assert shirt.variants.all()[0].weight_grams == 227
    assert shirt.variants.all()[0].barcode == "0012345678905"
    assert sorted(shirt.tags, key=str.casefold) == ["Linen", "summer"]


def test_a_taken_or_missing_sku_gets_a_stable_one_and_the_report_says_so() -> None:
    told = run("classic.csv")
    assert "note: row 4, Variant SKU, wool-hat: '00123' is taken; it is called WOOL-HAT." in told
    assert "note: row 3, Variant SKU, linen-shirt: None given; it is called LINEN-SHIRT-M." in told
    assert set(Variant.objects.values_list("sku", flat=True)) == {
        "00123", "LINEN-SHIRT-M", "LINEN-SHIRT-L", "WOOL-HAT", "HIDDEN",
    }  # fmt: skip


def test_a_script_in_a_body_does_not_get_in_and_the_words_stay() -> None:
    run("classic.csv")
    story = Product.objects.get(slug="linen-shirt").story
    assert "script" not in story
    assert "evil" not in story
    assert "style" not in story
    assert "then once more." in story


def test_stock_is_counted_only_where_the_file_tracks_it() -> None:
    told = run("classic.csv")
    items = {i.variant.sku: i for i in StockItem.objects.select_related("variant")}
    assert (items["00123"].on_hand, items["00123"].is_tracked) == (4, True)
    assert (items["LINEN-SHIRT-M"].on_hand, items["LINEN-SHIRT-L"].policy) == (0, "backorder")
    assert "row 3, Variant Inventory Qty, linen-shirt: -2 can't be denied; begins at 0." in told
    assert not items["WOOL-HAT"].is_tracked
    assert sellable(["WOOL-HAT"])["WOOL-HAT"].available is None


def test_what_was_brought_can_be_browsed_and_had(client: Client) -> None:
    run("classic.csv")
    listed = client.get("products?category=shirts").json()
    assert [card["slug"] for card in listed["results"]] == ["linen-shirt"]
    page = client.get("products/linen-shirt").json()
    assert page["options"] == [{"name": "size", "label": "Size", "values": ["S", "M", "L"]}]
    assert page["images"] == []
    assert client.get("products/hidden").status_code == 404
    had = sellable(["00123"])["00123"]
    assert (had.product_status_ok, had.price, had.available) == (True, inr(28_50), 4)


@pytest.mark.parametrize("host", ["127.0.0.1", "10.0.0.7", "169.254.169.254", "::1", "::ffff:192.168.0.1", "0.0.0.0"])
def test_no_address_inside_is_public(host: str) -> None:
    with pytest.raises(PictureRefused):
        public_address(host, 80)


def test_the_newer_header_padded_and_in_any_case_is_read_too(client: Client) -> None:
    told = run("newer.csv")
    assert counts(told)["products created"] == 1
    assert "not understood" not in told.lower()
    page = client.get("products/night-balm").json()
    assert page["price_range"]["min"] == {"amount": 1200_00, "currency": "INR"}
    assert page["attributes"] == {"custom-skin-type": ["dry", "mature"]}
    assert page["variants"][0]["sku"] == "BALM-1"
    assert page["variants"][0]["availability"] == {"in_stock": True, "quantity": 0, "policy": "backorder", "expected_on": None}


def test_a_price_with_decimals_is_refused_in_a_currency_without() -> None:
    header = read_header(["Handle", "Title", "Variant Price"])
    _, findings = parse_product("a", [Row(1, ["a", "A", "10.00"], header)], slug="a", currency="JPY")
    assert [(f.message, f.is_fatal) for f in findings] == [("'10.00' has more decimals than JPY.", True)]


def test_a_file_that_is_not_a_product_file_is_refused() -> None:
    with pytest.raises(CommandError, match="no Handle"):
        run("../test_import_shopify.py")
