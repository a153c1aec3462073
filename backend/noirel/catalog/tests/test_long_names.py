"""What is as long as its field allows is saved, or refused at its field: never "The request can't be read."."""

import pytest

from noirel.catalog.models import Redirect, Variant
from noirel.core.models import AuditEntry
from tests.client import Client

pytestmark = pytest.mark.django_db
PRICE = {"amount": 15_000_00, "currency": "INR"}
LETTERS = ["n", "नि", "ñ"]


def slug_of(staff: Client, name: str, sku: str) -> str:
    made = staff.post("admin/products", {"name": name, "sku": sku, "price": PRICE})
    assert made.status_code == 201, made.content
    return str(made.json()["slug"])


@pytest.mark.parametrize("letter", LETTERS)
def test_a_product_with_the_longest_name_and_address_is_saved_like_any_other(staff: Client, letter: str) -> None:
    slug = slug_of(staff, (letter * 255)[:255], "LONG")
    assert len(slug) >= 199
    other = slug_of(staff, "Other", "OTHER")
    longest = (letter * 200)[:199] + "9"
    for answer in (
        staff.patch(f"admin/products/{slug}", {"subtitle": "s" * 255, "related": [other]}),
        staff.put(f"admin/products/{slug}/options", {"options": [{"name": "o" * 40, "label": "L", "values": ["1", "2"]}]}),
        staff.post(f"admin/products/{slug}/variants/missing", {"price": PRICE}),
        staff.post("admin/search/boosts", {"product": slug, "query": "q" * 200, "weight": 1}),
        staff.post("admin/redirects", {"kind": "collection", "slug": longest, "to": "c"}),
        staff.post("admin/redirects", {"kind": "product", "slug": longest, "to": slug}),
        staff.delete(f"admin/redirects/product/{longest}"),
        staff.patch(f"admin/products/{slug}", {"slug": longest}),
    ):
        assert answer.status_code < 400 or answer.json()["code"] == "invalid", answer.content
        assert "can't be read" not in answer.content.decode()
    assert Redirect.objects.get(kind="product").slug == slug
    assert AuditEntry.objects.filter(target=f"product:{slug}").count() >= 4
    assert AuditEntry.objects.filter(target=f"redirect:product/{longest}").count() == 2


def test_every_name_and_address_beyond_its_field_is_refused_there(staff: Client) -> None:
    for field, body in {
        "name": {"name": "n" * 256},
        "slug": {"name": "N", "slug": "n" * 201},
        "sku": {"name": "N", "sku": "n" * 65},
    }.items():
        refused = staff.post("admin/products", {"sku": "SKU", "price": PRICE, **body})
        assert (refused.status_code, [error["field"] for error in refused.json()["errors"]]) == (400, [field])


def test_the_only_variant_of_a_product_is_not_named_twice(staff: Client) -> None:
    slug = slug_of(staff, "Odd", "ODD")
    assert Variant.objects.get().title == ""
    row = staff.get("admin/inventory/ODD").json()
    assert (row["product"]["name"], row["variant_title"]) == ("Odd", "")
    size = {"name": "size", "label": "Size", "values": ["50 ml"]}
    staff.put(f"admin/products/{slug}/options", {"options": [size]})
    assert Variant.objects.get().title == "50 ml"
