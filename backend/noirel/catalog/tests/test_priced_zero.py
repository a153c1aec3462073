"""A variant priced 0 is not sold on its own: shoppers are never told that it is in stock, and staff see its true stock.

The audit runs after each of these tests (tests.proof), so the documents and columns of the products are checked too.
"""

from importlib import import_module
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from noirel.backoffice import jobs as import_jobs
from noirel.backoffice.audit import run_checks
from noirel.catalog.jobs import update_search_words
from noirel.catalog.models import Attribute, Collection, Product, ProductPicture, Variant
from noirel.catalog.services.collections import update_all_memberships
from noirel.catalog.services.options import add_variant, set_options
from noirel.catalog.services.projection import refresh_projection
from noirel.content.models import MediaAsset
from noirel.core.domain.money import inr
from noirel.core.viewer import SYSTEM
from noirel.inventory import services as inventory
from tests.client import Client
from tests.make import make_drop, make_variant

pytestmark = pytest.mark.django_db


def slugs(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [card["slug"] for card in answer.json()["results"]]


def page(client: Client, variant: Variant) -> Any:
    return client.get(f"products/{variant.product.slug}").json()


def availability(client: Client, variant: Variant) -> tuple[bool, bool, int | None]:
    """Of the product, of the variant, and its quantity, as its page says."""
    told = page(client, variant)
    found = next(each for each in told["variants"] if each["sku"] == variant.sku)["availability"]
    return told["in_stock"], found["in_stock"], found["quantity"]


def with_two_sizes(first: Variant, *, price: int, sku: str) -> Variant:
    """Another variant of the same product, with 5 on hand; price in minor units."""
    slug = first.product.slug
    set_options(slug, actor=SYSTEM, options=[{"name": "size", "label": "Size", "values": ["S", "M"]}])
    add_variant(slug, actor=SYSTEM, sku=sku, price=inr(price), options={"size": "M"})
    inventory.adjust(sku, delta=5, reason="received", actor=SYSTEM)
    return Variant.objects.get(sku=sku)


def with_picture(variant: Variant) -> None:
    renditions = [{"format": "jpeg", "width": 960, "height": 960, "path": f"{variant.pk}.jpeg"}]
    asset = MediaAsset.objects.create(source=f"test:{variant.pk}", width=960, height=960, renditions=renditions)
    ProductPicture.objects.create(product=variant.product, asset=asset, position=0)
    refresh_projection(variant.product_id)


def test_shoppers_are_never_told_that_a_free_variant_is_in_stock(client: Client, staff: Client) -> None:
    Attribute.objects.create(name="family", label="Family", is_facet=True)
    free, priced = make_variant(price=inr(0), name="Encre vial"), make_variant(price=inr(900_00), name="Encre")
    for variant in (free, priced):
        Product.objects.filter(pk=variant.product_id).update(attributes={"family": "woody"})
        with_picture(variant)
    update_search_words()
    assert availability(client, free) == (False, False, 0)
    assert availability(client, priced) == (True, True, 10)
    assert slugs(client.get("products?in_stock=true")) == [priced.product.slug]
    assert slugs(client.get("products?in_stock=false")) == [free.product.slug]
    families = next(facet for facet in client.get("products?in_stock=true").json()["facets"] if facet["name"] == "family")
    assert [(value["value"], value["count"]) for value in families["values"]] == [("woody", 1)]
    found = client.get("products?q=encre").json()["results"]
    assert [(card["slug"], card["in_stock"]) for card in found] == [(priced.product.slug, True), (free.product.slug, False)]
    suggested = client.get("search/suggest?q=encre").json()["products"]
    assert [card["slug"] for card in suggested] == [priced.product.slug, free.product.slug]
    feed: Any = client.get("/feeds/google.xml")
    offered = b"".join(feed.streaming_content).decode()
    assert (f"<g:id>{priced.sku}</g:id>" in offered, f"<g:id>{free.sku}</g:id>" in offered) == (True, False)
    # Staff count it like everything else.
    assert staff.get(f"admin/inventory/{free.sku}").json()["available"] == 10
    (told,) = staff.get(f"admin/products/{free.product.slug}").json()["variants"]
    assert (told["availability"]["in_stock"], told["inventory"]["available"]) == (False, 10)


@pytest.mark.parametrize("terms", [{"is_tracked": False}, {"policy": "backorder"}, {"policy": "preorder"}])
def test_a_free_variant_that_never_runs_out_is_not_in_stock_either(client: Client, terms: dict[str, Any]) -> None:
    free = make_variant(price=inr(0))
    inventory.set_terms(free.pk, **{"is_tracked": True, **terms})
    assert availability(client, free) == (False, False, 0)


def test_movements_of_a_free_variants_stock_never_bring_its_product_into_stock(client: Client) -> None:
    free = make_variant(price=inr(0), on_hand=0)
    for delta in (4, -4, 2):
        inventory.adjust(free.sku, delta=delta, reason="received" if delta > 0 else "damaged", actor=SYSTEM)
        assert availability(client, free) == (False, False, 0)
        assert not page(client, free)["badges"].count("low_stock")


def test_a_product_is_in_stock_and_priced_by_what_of_it_is_sold(client: Client) -> None:
    free = make_variant(price=inr(0), compare_at_amount=100_00)
    assert "sale" not in page(client, free)["badges"]
    priced = with_two_sizes(free, price=500_00, sku="PRICED")
    shown = page(client, priced)
    assert shown["in_stock"]
    assert {edge: shown["price_range"][edge]["amount"] for edge in ("min", "max")} == {"min": 500_00, "max": 500_00}
    assert (shown["compare_at"], "sale" in shown["badges"]) == (None, False)
    assert slugs(client.get("products?max_price=400")) == []
    inventory.adjust(priced.sku, delta=-5, reason="damaged", actor=SYSTEM)
    assert availability(client, free) == (False, False, 0)
    assert slugs(client.get("products?in_stock=true")) == []


def test_a_free_variant_is_refused_by_the_bag_with_a_code_of_its_own(client: Client) -> None:
    free = make_variant(price=inr(0))
    cart = client.post("carts", {}).json()
    for refused in (
        client.post(f"carts/{cart['id']}/lines", {"sku": free.sku, "quantity": 1}),
        client.post("carts", {"lines": [{"sku": free.sku, "quantity": 1}]}),
    ):
        problem = refused.json()
        assert (refused.status_code, problem["code"]) == (409, "not_sold_separately")
        assert (problem["detail"], problem["lines"]) == ("This is not sold on its own.", [{"sku": free.sku}])
    assert client.get(f"carts/{cart['id']}").json()["lines"] == []


def test_a_line_whose_price_becomes_0_stays_in_the_bag_and_says_why_it_does_not_count(client: Client, staff: Client) -> None:
    variant = make_variant(price=inr(900_00))
    cart = client.post("carts", {"lines": [{"sku": variant.sku, "quantity": 1}]}).json()
    staff.patch(f"admin/variants/{variant.sku}", {"price": {"amount": 0, "currency": "INR"}})
    now = client.get(f"carts/{cart['id']}").json()
    assert [(each["code"], each["message"]) for each in now["warnings"]] == [("unavailable", "This is not sold on its own.")]
    assert (len(now["lines"]), now["totals"]["total"]["amount"]) == (1, 0)
    changed = client.patch(f"carts/{cart['id']}/lines/{now['lines'][0]['id']}", {"quantity": 2})
    assert (changed.status_code, changed.json()["code"]) == (409, "not_sold_separately")


@pytest.mark.parametrize("how", ["variant", "product", "options", "bulk"])
def test_a_price_makes_it_buyable_at_once(client: Client, staff: Client, how: str) -> None:
    free = make_variant(price=inr(0))
    slug = free.product.slug
    assert slugs(client.get("products?in_stock=true")) == []
    price = {"amount": 100, "currency": "INR"}
    if how == "variant":
        saved = staff.patch(f"admin/variants/{free.sku}", {"price": price})
    elif how == "product":
        saved = staff.patch(f"admin/products/{slug}", {"variants": [{"sku": free.sku, "change": {"price": price}}]})
    elif how == "options":
        staff.put(f"admin/products/{slug}/options", {"options": []})
        assert availability(client, free) == (False, False, 0)
        saved = staff.patch(f"admin/variants/{free.sku}", {"price": price})
    else:
        body = {"act": "reprice", "slugs": [slug], "sum": 100, "currency": "INR"}
        saved = staff.post("admin/bulk-changes", body, HTTP_IDEMPOTENCY_KEY="once")
    assert saved.status_code in {200, 201}, saved.content
    assert availability(client, free) == (True, True, 10)
    assert slugs(client.get("products?in_stock=true")) == [slug]
    assert client.post("carts", {"lines": [{"sku": free.sku, "quantity": 1}]}).status_code == 201
    staff.patch(f"admin/variants/{free.sku}", {"price": {"amount": 0, "currency": "INR"}})
    assert availability(client, free) == (False, False, 0)
    assert slugs(client.get("products?in_stock=true")) == []


def test_an_unlisted_free_variant_still_goes_along_with_an_order(client: Client) -> None:
    sample = make_variant(price=inr(0), on_hand=1)
    Product.objects.filter(pk=sample.product_id).update(is_listed=False)
    assert [item["sku"] for item in client.get("shop").json()["samples"]["items"]] == [sample.sku]
    cart = client.post("carts", {}).json()
    assert client.patch(f"carts/{cart['id']}", {"samples": [sample.sku]}).json()["samples"] == [sample.sku]
    assert availability(client, sample) == (False, False, 0)
    refused = client.post(f"carts/{cart['id']}/lines", {"sku": sample.sku, "quantity": 1})
    assert refused.json()["code"] == "not_sold_separately"
    inventory.adjust(sample.sku, delta=-1, reason="damaged", actor=SYSTEM)
    assert client.get("shop").json()["samples"]["items"] == []


def test_a_launch_does_not_say_that_a_free_variant_is_in_stock(client: Client) -> None:
    free, priced = make_variant(price=inr(0)), make_variant(price=inr(900_00))
    drop = make_drop(free, priced)
    told = client.get(f"drops/{drop.slug}").json()["variants"]
    assert [(each["sku"], each["in_stock"]) for each in told] == [(free.sku, False), (priced.sku, True)]


def test_a_rule_about_stock_leaves_out_what_is_free(client: Client) -> None:
    free, priced = make_variant(price=inr(0)), make_variant(price=inr(900_00))
    rules = [{"field": "in_stock", "is": "is", "value": True}]
    Collection.objects.create(slug="here", name="Here", rules=rules)
    for variant in (free, priced):
        refresh_projection(variant.product_id)
    assert slugs(client.get("products?collection=here")) == [priced.product.slug]


def test_an_import_says_of_a_price_of_0_that_it_cannot_be_bought(client: Client, staff: Client) -> None:
    content = (
        b"Handle,Title,Variant Price,Variant Inventory Qty,Variant Inventory Tracker,Status\n"
        b"vial,Vial,0.00,5,shopify,active\nhat,Hat,10.00,5,shopify,active\ncard,Card,0,5,shopify,unlisted\n"
    )

    def notes() -> list[tuple[int, str, str, str]]:
        file = SimpleUploadedFile("products.csv", content, content_type="text/csv")
        job = staff.post("admin/imports", {"file": file, "currency": "INR"}, format="multipart").json()
        import_jobs.run_imports()
        found = staff.get(f"admin/imports/{job['id']}/findings").json()["results"]
        prices = [each for each in found if each["column"] == "Variant Price"]
        return [(each["row"], each["handle"], each["level"], each["message"]) for each in prices]

    said = "A price of 0: it is not sold on its own, and shoppers can't buy it."
    assert notes() == [(2, "vial", "note", said)]
    assert notes() == []  # nothing has changed
    assert {slug: client.get(f"products/{slug}").json()["in_stock"] for slug in ("vial", "hat")} == {"vial": False, "hat": True}
    assert Variant.objects.get(product__slug="vial").in_stock


def test_products_of_an_earlier_version_are_rewritten_once_however_often_the_migration_runs(client: Client) -> None:
    free, mixed, priced = make_variant(price=inr(0)), make_variant(price=inr(0)), make_variant(price=inr(900_00))
    with_two_sizes(mixed, price=500_00, sku="PRICED")
    Collection.objects.create(slug="here", name="Here", rules=[{"field": "in_stock", "is": "is", "value": True}])
    Collection.objects.create(slug="dear", name="Dear", rules=[{"field": "price", "is": "at_least", "value": 100}])
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE catalog_product SET in_stock = true, min_price_amount = 0,
                card = jsonb_set(card::jsonb, '{price_range,min,amount}', '0')::text,
                page = jsonb_set(page::jsonb, '{price_range,min,amount}', '0')::text WHERE id = ANY(%s)""",
            [[free.product_id, mixed.product_id]],
        )
    update_all_memberships()
    assert {finding.check for finding in run_checks()} == {
        "catalogue.in_stock", "catalogue.prices", "catalogue.card", "catalogue.page",
    }  # fmt: skip
    migration = import_module("noirel.catalog.migrations.0017_priced_zero")
    stamps = []
    for _ in range(2):
        with connection.cursor() as cursor:
            for statement in (migration.WRITE, migration.REMOVE, migration.ADD):
                cursor.execute(statement)
        assert run_checks() == []
        stamps.append(list(Product.objects.order_by("pk").values_list("updated_at", flat=True)))
    assert stamps[0] == stamps[1]
    assert slugs(client.get("products?collection=here&sort=price")) == [mixed.product.slug, priced.product.slug]
    assert slugs(client.get("products?collection=dear&sort=price")) == [mixed.product.slug, priced.product.slug]
