"""What staff build the catalogue of: options, attributes, categories, collections."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from noirel.backoffice.audit import run_checks
from noirel.catalog.jobs import update_best_sellers, update_dated_rules
from noirel.catalog.models import Attribute, Category, CollectionItem, Product, Redirect, SoldUnits, Variant
from noirel.core.domain.money import inr
from noirel.core.models import AuditEntry
from tests.client import Client
from tests.make import make_variant

pytestmark = pytest.mark.django_db
PRICE = {"amount": 9_000_00, "currency": "INR"}


def _standing(slug: str) -> set[str]:
    return set(CollectionItem.objects.filter(collection__slug=slug).values_list("product__slug", flat=True))


def test_options_are_added_renamed_and_put_in_order_and_no_variant_is_lost(staff: Client) -> None:
    variant = make_variant(price=inr(100))
    at = f"admin/products/{variant.product.slug}"

    def put(*options: dict[str, Any]) -> Any:
        return staff.put(f"{at}/options", {"options": list(options)})

    size = {"name": "size", "label": "Size", "values": ["50 ml", "100 ml"]}
    assert put(size).status_code == 200
    more = staff.post(f"{at}/variants", {"sku": "BIG", "price": PRICE, "options": {"size": "100 ml"}})
    assert more.status_code == 201, more.content
    twin = staff.post(f"{at}/variants", {"sku": "BIG-2", "price": PRICE, "options": {"size": "100 ml"}})
    assert (twin.status_code, twin.json()["code"]) == (409, "combination_taken")
    swapped = {**size, "renamed": {"50 ml": "100 ml", "100 ml": "50 ml"}}
    glass = {"name": "glass", "label": "Glass", "values": ["black", "clear"]}
    answer = put(glass, swapped)
    assert answer.status_code == 200, answer.content
    assert {v["sku"]: v["options"] for v in answer.json()["variants"]} == {
        variant.sku: {"glass": "black", "size": "100 ml"},
        "BIG": {"glass": "black", "size": "50 ml"},
    }
    lost = put({**size, "values": ["100 ml"]})
    assert (lost.status_code, lost.json()["errors"][0]["code"]) == (400, "in_use")
    merged = put(glass)
    assert (merged.status_code, merged.json()["code"]) == (409, "combination_taken")
    assert Variant.objects.get(sku="BIG").options == {"glass": "black", "size": "50 ml"}


def test_options_that_are_too_long_to_be_told_apart_are_refused_as_such(staff: Client) -> None:
    """Of letters that PostgreSQL cannot press together: its index has no room for such a combination."""
    at = f"admin/products/{make_variant(price=inr(100)).product.slug}/options"
    letters = [chr(0x20000 + number * 7) for number in range(1200)]
    words = ["".join(letters[begin : begin + 120]) for begin in range(0, 1200, 120)]
    wide = [{"name": f"option-{n}", "label": f"Sign {n}", "values": [word]} for n, word in enumerate(words)]
    answer = staff.put(at, {"options": wide})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "too_long")
    assert staff.put(at, {"options": wide[:3]}).status_code == 200


def test_a_variant_that_is_taken_away_is_archived_and_can_come_back(staff: Client, client: Client) -> None:
    variant = make_variant(price=inr(100))
    at = f"admin/products/{variant.product.slug}"
    assert staff.delete(f"admin/variants/{variant.sku}").json()["code"] == "last_variant"
    staff.put(f"{at}/options", {"options": [{"name": "size", "label": "Size", "values": ["S", "L"]}]})
    staff.post(f"{at}/variants", {"sku": "L", "price": PRICE, "options": {"size": "L"}})
    assert staff.delete("admin/variants/L").status_code == 204
    assert [v["sku"] for v in client.get(f"products/{variant.product.slug}").json()["variants"]] == [variant.sku]
    staff.post(f"{at}/variants", {"sku": "OTHER", "price": PRICE, "options": {"size": "L"}})
    assert Variant.objects.get(sku="L").archived_at is None
    assert run_checks() == []


@pytest.mark.parametrize(
    ("kind", "right", "wrong"),
    [
        ("text", "Iris", 5),
        ("number", 12.5, "12"),
        ("number", 3, True),
        ("list", ["iris", "ink"], "iris"),
        ("colour", "#1a2b3c", "blue"),
        ("json", {"top": ["iris"], "curve": [1, 2]}, "x" * 70_000),
    ],
)
def test_a_value_has_to_fit_its_attribute(kind: str, right: Any, wrong: Any, staff: Client) -> None:
    staff.post("admin/attributes", {"name": "fact", "label": "Fact", "type": kind})
    at = f"admin/products/{make_variant(price=inr(100)).product.slug}"
    refused = staff.patch(at, {"attributes": {"fact": wrong}})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "attributes.fact")
    assert staff.patch(at, {"attributes": {"fact": right}}).json()["attributes"] == {"fact": right}
    assert staff.patch(at, {"attributes": {"unheard": 1}}).status_code == 400
    assert staff.patch("admin/attributes/fact", {"type": "list" if kind != "list" else "text"}).status_code == 400
    assert staff.delete("admin/attributes/fact").json()["code"] == "still_used"


@pytest.mark.parametrize("name", ["q", "sort", "price", "page", "in_stock"])
def test_an_attribute_has_no_name_that_lists_are_asked_by_for_something_else(staff: Client, name: str) -> None:
    refused = staff.post("admin/attributes", {"name": name, "label": "Price", "type": "text"})
    assert (refused.status_code, refused.json()["errors"][0]) == (
        400,
        {"field": "name", "code": "reserved", "message": "Lists are asked by this word for something else."},
    )


def test_a_variant_has_attributes_of_its_own(staff: Client, client: Client) -> None:
    staff.post(
        "admin/attributes", {"name": "cap", "label": "Cap", "type": "text", "is_of_variant": True, "choices": ["wood", "brass"]}
    )
    variant = make_variant(price=inr(100))
    assert staff.patch(f"admin/variants/{variant.sku}", {"attributes": {"cap": "gold"}}).status_code == 400
    assert staff.patch(f"admin/variants/{variant.sku}", {"attributes": {"cap": "wood"}}).status_code == 200
    assert client.get(f"products/{variant.product.slug}").json()["variants"][0]["attributes"] == {"cap": "wood"}


def test_a_category_moves_with_all_below_it_and_keeps_its_old_address(staff: Client, client: Client) -> None:
    for slug, parent in [("night", None), ("day", None), ("iris", "day")]:
        assert staff.post("admin/categories", {"slug": slug, "name": slug.title(), "parent": parent}).status_code == 201
    product = make_variant(price=inr(100)).product
    staff.patch(f"admin/products/{product.slug}", {"category": "iris"})
    tag = staff.get("admin/categories/day")["ETag"]
    assert staff.patch("admin/categories/day", {"parent": "iris"}).json()["errors"][0]["code"] == "cycle"
    moved = staff.patch("admin/categories/day", {"parent": "night", "slug": "noon", "name": "Noon"}, HTTP_IF_MATCH=tag)
    assert moved.status_code == 200, moved.content
    assert staff.patch("admin/categories/noon", {"name": "X"}, HTTP_IF_MATCH=tag).status_code == 412
    trail = client.get(f"products/{product.slug}").json()["breadcrumbs"]
    assert [step["slug"] for step in trail] == ["night", "noon", "iris"]
    for slug in ("night", "day", "noon"):
        assert client.get(f"products?category={slug}").json()["total"] == 1
    assert client.get("categories/day").json()["moved_to"] == "noon"
    assert [step["slug"] for step in client.get("categories/iris").json()["breadcrumbs"]] == ["night", "noon", "iris"]
    assert staff.delete("admin/categories/iris").json()["code"] == "still_used"


def test_a_collection_by_rule_follows_its_products(staff: Client, client: Client) -> None:
    Attribute.objects.create(name="family", label="Family", type="list")
    Category.objects.create(slug="woods", name="Woods")
    variant = make_variant(price=inr(100_00), on_hand=1)
    slug, at = variant.product.slug, f"admin/products/{variant.product.slug}"
    rules = {
        "tagged": {"field": "tag", "is": "is", "value": "gift"},
        "other": {"field": "vendor", "is": "is_not", "value": "House"},
        "woody": {"field": "category", "is": "is", "value": "woods"},
        "amber": {"field": "attribute", "name": "family", "is": "is", "value": "amber"},
        "dear": {"field": "price", "is": "at_least", "value": 200_00},
        "there": {"field": "in_stock", "is": "is", "value": True},
        "fresh": {"field": "published", "is": "within", "value": 10},
    }
    for name, rule in rules.items():
        made = staff.post("admin/collections", {"slug": name, "name": name, "rules": [rule]})
        assert made.status_code == 201, made.content
    assert {name for name in rules if slug in _standing(name)} == {"other", "there", "fresh"}
    staff.patch(at, {"tags": ["gift"], "vendor": "House", "category": "woods", "attributes": {"family": ["amber", "iris"]}})
    staff.patch(f"admin/variants/{variant.sku}", {"price": {"amount": 300_00, "currency": "INR"}})
    staff.post(f"admin/inventory/{variant.sku}/adjust", {"delta": -1, "reason": "damaged"}, HTTP_IDEMPOTENCY_KEY="sold-out")
    staff.patch(at, {"published_at": (timezone.now() - timedelta(days=30)).isoformat()})
    update_dated_rules()
    assert {name for name in rules if slug in _standing(name)} == {"tagged", "woody", "amber", "dear"}
    assert client.get("products?collection=dear").json()["total"] == 1
    counted = staff.post("admin/collections/count", {"rules": [rules["tagged"], rules["there"]], "match": "any"})
    assert counted.json()["count"] == 1
    assert run_checks() == []
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM catalog_collectionitem")
    assert {finding.check for finding in run_checks(at_rest=True)} == {"catalogue.collections"}
    assert run_checks(at_rest=False) == []


def test_a_rule_that_says_nothing_is_refused(staff: Client) -> None:
    for rule in (
        {"field": "price", "is": "is", "value": 1},
        {"field": "price", "is": "at_most", "value": "cheap"},
        {"field": "attribute", "name": "none", "is": "is", "value": "x"},
        {"field": "category", "is": "is", "value": "none"},
        {"field": "colour", "is": "is", "value": "x"},
    ):
        assert staff.post("admin/collections", {"name": "New", "rules": [rule]}).status_code == 400


def test_a_collection_by_hand_keeps_its_order(staff: Client, client: Client) -> None:
    slugs = [make_variant(price=inr(100)).product.slug for _ in range(3)]
    made = staff.post("admin/collections", {"name": "Night things", "products": slugs})
    assert made.json()["slug"] == "night-things"
    turned = staff.patch("admin/collections/night-things", {"products": slugs[::-1]}, HTTP_IF_MATCH=made["ETag"])
    assert [item["slug"] for item in turned.json()["products"]] == slugs[::-1]
    assert [card["slug"] for card in client.get("products?collection=night-things").json()["results"]] == slugs[::-1]
    stale = staff.patch("admin/collections/night-things", {"products": []}, HTTP_IF_MATCH=made["ETag"])
    assert stale.status_code == 412
    assert AuditEntry.objects.filter(action="collections.edit", target="collection:night-things").count() == 1


def test_a_product_keeps_its_old_address_and_says_who_stands_beside_it(staff: Client, client: Client) -> None:
    product, other = (make_variant(price=inr(100)).product for _ in range(2))
    seo = {"title": "T", "description": "D", "canonical": "https://noirel.example/p/it", "image": None}
    changed = staff.patch(f"admin/products/{product.slug}", {"slug": "minuit", "related": [other.slug], "seo": seo})
    assert (changed.status_code, changed.json()["related"]) == (200, [other.slug])
    assert client.get(f"products/{product.slug}").json()["moved_to"] == "minuit"
    assert client.get("products/minuit").json()["seo"]["canonical"] == seo["canonical"]
    assert staff.patch("admin/products/minuit", {"slug": other.slug}).json()["code"] == "slug_taken"
    assert staff.patch("admin/products/minuit", {"unpublish_at": "2001-01-01T00:00:00Z"}).status_code == 400


def test_the_best_sellers_are_those_that_sold_most(settings: Any, client: Client) -> None:
    settings.BEST_SELLERS = 2
    products = [make_variant(price=inr(100)).product for _ in range(4)]
    Product.objects.filter(pk=products[3].pk).update(is_best_seller=True)
    today = timezone.now().date()
    SoldUnits.objects.create(product=products[0], day=today, units=5)
    SoldUnits.objects.create(product=products[2], day=today - timedelta(days=90), units=50)
    update_best_sellers()
    assert list(Product.objects.filter(is_best_seller=True)) == [products[3]]  # too few have sold to say
    SoldUnits.objects.create(product=products[1], day=today - timedelta(days=3), units=7)
    update_best_sellers()
    assert set(Product.objects.filter(is_best_seller=True)) == {products[0], products[1]}
    assert client.get("products?badge=best_seller").json()["total"] == 2


def test_a_category_is_put_between_others_and_the_tree_answers(staff: Client) -> None:
    for slug, parent in [("a", None), ("b", None), ("c", None), ("below", "a")]:
        staff.post("admin/categories", {"slug": slug, "name": slug, "parent": parent})
    product = make_variant(price=inr(100)).product
    staff.patch(f"admin/products/{product.slug}", {"category": "below", "status": "draft"})

    def put(slug: str, parent: str | None, before: str | None) -> Any:
        return staff.put(f"admin/categories/{slug}/place", {"parent": parent, "before": before})

    answer = put("c", None, "a")
    assert answer.status_code == 200, answer.content
    assert [row["slug"] for row in answer.json()["results"]] == ["c", "a", "b"]
    tree = put("b", "a", "below").json()["results"]
    assert [child["slug"] for child in tree[1]["children"]] == ["b", "below"]
    assert [child["held"] for child in tree[1]["children"]] == [0, 1]
    assert put("a", "below", None).json()["errors"][0]["code"] == "cycle"
    assert put("c", "a", "c").json()["errors"][0]["field"] == "before"
    assert put("none", None, None).status_code == 404
    assert [row["slug"] for row in staff.get("admin/categories").json()["results"]] == ["c", "a"]


def test_attributes_stand_in_the_order_they_are_put_in(staff: Client) -> None:
    for name in ("hour", "family", "glass"):
        staff.post("admin/attributes", {"name": name, "label": name, "type": "text"})
    ordered = staff.put("admin/attribute-order", {"names": ["glass", "hour", "family"]})
    assert [row["name"] for row in ordered.json()["results"]] == ["glass", "hour", "family"]
    assert staff.put("admin/attribute-order", {"names": ["glass", "hour"]}).json()["code"] == "order_changed"


def test_the_type_of_what_a_variant_has_a_value_of_stays(staff: Client) -> None:
    staff.post("admin/attributes", {"name": "cap", "label": "Cap", "type": "text", "is_of_variant": True})
    assert staff.get("admin/attributes/cap").json()["is_used"] is False
    staff.patch(f"admin/variants/{make_variant(price=inr(100)).sku}", {"attributes": {"cap": "wood"}})
    assert staff.get("admin/attributes/cap").json()["is_used"] is True
    refused = staff.patch("admin/attributes/cap", {"type": "number"})
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (400, "in_use")


def test_rules_are_previewed_with_their_newest_products(staff: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    slugs = [make_variant(price=inr(100)).product.slug for _ in range(3)]
    staff.patch(f"admin/products/{slugs[0]}", {"published_at": (timezone.now() - timedelta(days=3)).isoformat()})
    asked = {"rules": [{"field": "price", "is": "at_least", "value": 1}], "match": "all"}
    told = staff.post("admin/collections/count", asked).json()
    assert (told["count"], told["sample"][-1]["slug"]) == (3, slugs[0])
    monkeypatch.setattr("noirel.catalog.services.collections.COUNT_WITHIN", "1ms")
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE OR REPLACE FUNCTION catalog_meets(p catalog_product, rules jsonb, how text) RETURNS boolean"
            " LANGUAGE sql AS $$ SELECT pg_sleep(0.05) IS NOT NULL $$"
        )
    slow = staff.post("admin/collections/count", asked)
    assert (slow.status_code, slow.json()["code"]) == (503, "rules_too_slow")
    assert staff.get("admin/collections").status_code == 200


def test_who_orders_a_collection_has_seen_what_came_into_it_meanwhile(staff: Client) -> None:
    first, second = (make_variant(price=inr(100)).product.slug for _ in range(2))
    made = staff.post("admin/collections", {"name": "Few", "products": [first]})
    CollectionItem.objects.create(
        collection_id=CollectionItem.objects.get().collection_id, product=Product.objects.get(slug=second), position=9
    )
    assert staff.patch("admin/collections/few", {"products": [first]}, HTTP_IF_MATCH=made["ETag"]).status_code == 412


def test_an_old_address_is_written_by_hand_and_taken_away(staff: Client, client: Client) -> None:
    slug = make_variant(price=inr(100)).product.slug
    other = make_variant(price=inr(100)).product.slug
    made = staff.post("admin/redirects", {"kind": "product", "slug": "of-the-old-shop", "to": slug})
    assert (made.status_code, made.json()["to"]) == (201, slug)
    assert client.get("products/of-the-old-shop").json()["moved_to"] == slug
    staff.post("admin/redirects", {"kind": "product", "slug": "of-the-old-shop", "to": other})
    assert client.get("products/of-the-old-shop").json()["moved_to"] == other
    staff.patch(f"admin/products/{other}", {"slug": "minuit"})
    listed = staff.get("admin/redirects?kind=product&q=old-shop").json()
    assert [(row["slug"], row["to"]) for row in listed["results"]] == [("of-the-old-shop", "minuit")]
    assert staff.post("admin/redirects", {"kind": "product", "slug": slug, "to": "minuit"}).json()["code"] == "slug_taken"
    unknown = staff.post("admin/redirects", {"kind": "category", "slug": "x", "to": "none"})
    assert unknown.json()["errors"][0]["field"] == "to"
    assert staff.delete("admin/redirects/product/of-the-old-shop").status_code == 204
    assert client.get("products/of-the-old-shop").status_code == 404


def test_no_collection_lives_where_rules_are_counted(staff: Client) -> None:
    answer = staff.post("admin/collections", {"name": "Count"})
    assert (answer.status_code, answer.json()["code"]) == (409, "slug_taken")


@pytest.mark.parametrize(
    "address",
    [
        "/checkout",
        "checkout/pay",
        "https://evil.example/p/foo?x=1",
        "//evil.example",
        "p/foo",
        "foo.html",
        "foo?x=1",
        "a b",
    ],
)
@pytest.mark.parametrize("field", ["slug", "to"])
def test_a_redirect_leads_from_and_to_products_categories_and_collections_only(staff: Client, field: str, address: str) -> None:
    slug = make_variant(price=inr(1)).product.slug
    refused = staff.post("admin/redirects", {"kind": "product", "slug": "old", "to": slug} | {field: address})
    assert refused.status_code == 400, refused.content
    (error,) = refused.json()["errors"]
    assert error["field"] == field
    assert ("product, category or collection" in error["message"]) is (address != "a b")
    assert not Redirect.objects.exists()


@pytest.mark.parametrize("kind", ["product", "category", "collection"])
def test_nothing_takes_the_address_of_anothers_redirect_in_silence(staff: Client, kind: str) -> None:
    plural = {"product": "products", "category": "categories", "collection": "collections"}[kind]
    price = {"amount": 100, "currency": "INR"}

    def new(name: str, **fields: str) -> Any:
        return {"name": name} | ({"sku": name, "price": price} if kind == "product" else {}) | fields

    for name in ("Encre", "Minuit"):
        made = staff.post(f"admin/{plural}", new(name))
        assert made.status_code == 201, made.content
    assert staff.post("admin/redirects", {"kind": kind, "slug": "foo", "to": "encre"}).status_code == 201
    for refused in (staff.patch(f"admin/{plural}/minuit", {"slug": "foo"}), staff.post(f"admin/{plural}", new("Foo"))):
        assert (refused.status_code, refused.json()["code"]) == (409, "slug_taken")
        assert refused.json()["detail"].startswith("This address redirects to Encre. Remove that redirect first")
    assert list(Redirect.objects.values_list("slug", f"{kind}__slug")) == [("foo", "encre")]
    # Its own former address is free to go back to, and one without a redirect is free to anybody.
    for slug, now in (("encre-2", "encre"), ("encre", "encre-2")):
        assert staff.patch(f"admin/{plural}/{now}", {"slug": slug}).status_code == 200
    assert staff.delete(f"admin/redirects/{kind}/foo").status_code == 204
    assert staff.patch(f"admin/{plural}/minuit", {"slug": "foo"}).status_code == 200
