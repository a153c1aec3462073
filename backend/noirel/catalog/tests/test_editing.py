"""What staff change: who may, what is refused, and what is written down."""

import unicodedata
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from noirel.catalog.models import Attribute, Product, Variant
from noirel.catalog.services import bulk
from noirel.catalog.services.projection import refresh_projections
from noirel.content.models import MediaAsset
from noirel.core.domain.money import inr
from noirel.core.models import AuditEntry
from noirel.core.viewer import SYSTEM
from tests.client import Client
from tests.make import make_variant

pytestmark = pytest.mark.django_db
PRICE = {"amount": 15_000_00, "currency": "INR"}


def test_a_new_product_is_a_draft_until_it_is_activated(staff: Client, client: Client) -> None:
    made = staff.post("admin/products", {"name": "Neuvième Heure", "sku": "NEUF-50", "price": PRICE})
    assert made.status_code == 201, made.content
    slug = made.json()["slug"]
    assert client.get(f"products/{slug}").status_code == 404
    assert staff.patch(f"admin/products/{slug}", {"status": "active"}, HTTP_IF_MATCH=made["ETag"]).status_code == 200
    assert client.get(f"products/{slug}").json()["price_range"]["min"] == PRICE


def test_a_new_product_may_be_on_show_at_once_but_ends_after_it_begins(staff: Client, client: Client) -> None:
    new = {"name": "Neuf", "sku": "NEUF-50", "price": PRICE, "status": "active"}
    slug = staff.post("admin/products", new).json()["slug"]
    assert client.get(f"products/{slug}").status_code == 200
    for days in (
        {"unpublish_at": "2020-01-01T00:00:00Z"},
        {"published_at": "2031-01-01T00:00:00Z", "unpublish_at": "2030-01-01T00:00:00Z"},
    ):
        refused = staff.post("admin/products", new | {"name": "Dix", "sku": "DIX-50", **days})
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "unpublish_at")
    Product.objects.filter(slug=slug).update(status="draft", published_at=None, unpublish_at=timezone.now())
    assert staff.patch(f"admin/products/{slug}", {"status": "active"}).status_code == 400


def test_a_change_of_what_has_changed_since_is_refused(staff: Client) -> None:
    variant = make_variant(price=inr(100))
    slug = variant.product.slug
    tag = staff.get(f"admin/products/{slug}")["ETag"]
    assert staff.patch(f"admin/products/{slug}", {"name": "First"}, HTTP_IF_MATCH=tag).status_code == 200
    late = staff.patch(f"admin/products/{slug}", {"name": "Second"}, HTTP_IF_MATCH=tag)
    assert (late.status_code, late.json()["code"]) == (412, "precondition_failed")
    assert Product.objects.get(slug=slug).name == "First"
    at = f"admin/variants/{variant.sku}"
    assert staff.patch(at, {"barcode": "1"}, HTTP_IF_MATCH=tag).status_code == 412
    assert staff.delete(at, HTTP_IF_MATCH=tag).status_code == 412
    assert staff.patch("admin/variants/NONE", {"barcode": "1"}, HTTP_IF_MATCH=tag).status_code == 404
    now = staff.get(f"admin/products/{slug}")["ETag"]
    assert staff.patch(at, {"barcode": "1"}, HTTP_IF_MATCH=now).status_code == 200


def test_a_change_shows_in_the_shop_and_in_the_audit_log(staff: Client, client: Client) -> None:
    variant = make_variant(price=inr(12_000_00))
    slug = variant.product.slug
    staff.patch(f"admin/products/{slug}", {"name": "Encre, again", "story": "<p>New</p><script>bad()</script>"})
    staff.patch(f"admin/variants/{variant.sku}", {"price": PRICE})
    page = client.get(f"products/{slug}").json()
    assert (page["name"], page["story"], page["price_range"]["max"]) == ("Encre, again", "<p>New</p>", PRICE)
    log = {entry.action: entry for entry in AuditEntry.objects.filter(actor=staff.user.email if staff.user else "")}
    repriced = log["products.edit_variant"]
    assert repriced.before == {"price": 12_000_00, "compare_at": None}
    assert repriced.after == {"price": 15_000_00, "compare_at": None}
    assert "products.edit" in log


def test_a_former_price_has_to_be_above_the_price(staff: Client) -> None:
    variant = make_variant(price=inr(12_000_00))
    answer = staff.patch(f"admin/variants/{variant.sku}", {"compare_at": {"amount": 1, "currency": "INR"}})
    assert answer.status_code == 400
    assert Variant.objects.get(pk=variant.pk).compare_at_amount is None


def test_what_is_deleted_is_archived(staff: Client, client: Client) -> None:
    slug = make_variant(price=inr(100)).product.slug
    assert staff.delete(f"admin/products/{slug}").status_code == 204
    assert client.get(f"products/{slug}").status_code == 404
    assert staff.get(f"admin/products/{slug}").json()["status"] == "archived"


def test_a_misspelt_field_is_an_error(staff: Client) -> None:
    slug = make_variant(price=inr(100)).product.slug
    answer = staff.patch(f"admin/products/{slug}", {"nmae": "Encre"})
    assert [(e["field"], e["code"]) for e in answer.json()["errors"]] == [("nmae", "unknown_field")]


def test_a_packer_may_look_and_not_edit(staff_as: Callable[[str], Client], client: Client) -> None:
    slug = make_variant(price=inr(100)).product.slug
    packer = staff_as("packer")
    assert packer.get(f"admin/products/{slug}").status_code == 200
    assert packer.patch(f"admin/products/{slug}", {"name": "Mine"}).status_code == 403
    assert client.get("admin/products").status_code == 401


def test_the_list_of_products_costs_the_same_for_many(staff: Client, django_assert_num_queries: Any) -> None:
    for _ in range(3):
        make_variant(price=inr(100))
    staff.get("admin/products")
    with django_assert_num_queries(4):  # who asks, the count, the rows, their stock
        assert staff.get("admin/products").json()["total"] == 3


def test_many_products_are_written_down_by_as_many_statements_as_one(django_assert_num_queries: Any) -> None:
    ids = [make_variant(price=inr(100 + number)).product_id for number in range(5)]
    Product.objects.filter(pk__in=ids).update(card={}, page={}, search_text="", min_price_amount=0)
    with django_assert_num_queries(9):
        refresh_projections(ids)
    for number, product in enumerate(Product.objects.filter(pk__in=ids).order_by("pk")):
        assert product.card["slug"] == product.page["slug"] == product.slug
        assert (product.min_price_amount, bool(product.search_text)) == (100 + number, True)


def test_a_product_and_its_variants_are_saved_together_or_not_at_all(staff: Client) -> None:
    variant = make_variant(price=inr(100_00), sku="BLACK")
    taken = make_variant(price=inr(100), sku="TAKEN")
    at = f"admin/products/{variant.product.slug}"
    tag = staff.get(at)["ETag"]
    wrong = [
        {"sku": "BLACK", "change": {"sku": "TAKEN", "compare_at": {"amount": 1, "currency": "INR"}}},
        {"sku": taken.sku, "change": {"barcode": "1"}},
    ]
    refused = staff.patch(at, {"name": "New", "variants": wrong}, HTTP_IF_MATCH=tag)
    assert [error["field"] for error in refused.json()["errors"]] == [
        "variants.0.change.compare_at",
        "variants.0.change.sku",
        "variants.1.sku",
    ]
    assert Product.objects.get(pk=variant.product_id).name != "New"
    change = {"sku": "NOIR", "price": PRICE, "barcode": "8901234567894", "weight_grams": 310, "tax_rate_bps": 500}
    saved = staff.patch(at, {"name": "New", "variants": [{"sku": "BLACK", "change": change}]}, HTTP_IF_MATCH=tag)
    assert saved.status_code == 200, saved.content
    told = saved.json()["variants"][0]
    assert {name: told[name] for name in change} == change
    assert Product.objects.get(pk=variant.product_id).card["price_range"]["min"] == PRICE
    assert AuditEntry.objects.get(action="products.edit_variant").target == "variant:BLACK"


def test_what_options_lack_is_made_at_once(staff: Client) -> None:
    variant = make_variant(price=inr(100_00), sku="TEE")
    at = f"admin/products/{variant.product.slug}"
    size = {"name": "size", "label": "Size", "values": ["S", "L"]}
    colour = {"name": "colour", "label": "Colour", "values": ["Noir", "Ivoire clair"]}
    staff.put(f"{at}/options", {"options": [size, colour]})
    for _ in range(2):  # twice is once
        made = staff.post(f"{at}/variants/missing", {"price": PRICE})
    assert made.status_code == 200, made.content
    assert [(each["sku"], each["title"]) for each in made.json()["variants"]] == [
        ("TEE", "S / Noir"),
        ("TEE-S-IVOIRECLAIR", "S / Ivoire clair"),
        ("TEE-L-NOIR", "L / Noir"),
        ("TEE-L-IVOIRECLAIR", "L / Ivoire clair"),
    ]
    many = {"name": "size", "label": "Size", "values": ["S", "L", *map(str, range(248))]}
    staff.put(f"{at}/options", {"options": [many, colour, {"name": "cut", "label": "Cut", "values": ["slim", "wide"]}]})
    assert staff.post(f"{at}/variants/missing", {"price": PRICE}).json()["errors"][0]["code"] == "too_many"


def test_a_product_says_which_collections_it_is_to_stand_in(staff: Client) -> None:
    product = make_variant(price=inr(100)).product
    other = make_variant(price=inr(100)).product
    staff.post("admin/collections", {"slug": "night", "name": "Night", "products": [other.slug]})
    staff.post("admin/collections", {"slug": "day", "name": "Day", "products": [product.slug]})
    staff.post("admin/collections", {"slug": "ruled", "name": "Ruled", "rules": [{"field": "tag", "is": "is", "value": "x"}]})
    at = f"admin/products/{product.slug}"
    assert staff.patch(at, {"collections": ["ruled"]}).json()["errors"][0]["field"] == "collections.0"
    moved = staff.patch(at, {"collections": ["night"], "tags": ["x"]}).json()
    assert {(each["slug"], each["is_ruled"]) for each in moved["collections"]} == {("night", False), ("ruled", True)}
    assert [each["slug"] for each in staff.get("admin/collections/night").json()["products"]] == [other.slug, product.slug]


def test_the_list_of_products_is_narrowed(staff: Client) -> None:
    staff.post("admin/categories", {"slug": "night", "name": "Night"})
    staff.post("admin/categories", {"slug": "dusk", "name": "Dusk", "parent": "night"})
    there, gone = make_variant(price=inr(100)).product, make_variant(price=inr(100), on_hand=None).product
    staff.patch(f"admin/products/{there.slug}", {"category": "dusk"})
    staff.post("admin/collections", {"slug": "few", "name": "Few", "products": [gone.slug]})

    def found(asked: str) -> list[str]:
        return [row["slug"] for row in staff.get(f"admin/products?{asked}").json()["results"]]

    assert (found("category=night"), found("collection=few")) == ([there.slug], [gone.slug])
    assert (found("in_stock=true&status=active&category=dusk"), found("in_stock=false")) == ([there.slug], [])
    assert staff.get("admin/products?status=none").status_code == 400
    assert staff.get("admin/products?category=none").status_code == 400


def test_what_is_kept_of_a_story_is_told_before_it_is_saved(staff: Client) -> None:
    told = staff.post("admin/story", {"story": '<p onclick="x">Ink<script>bad()</script></p><video></video>'})
    assert told.json() == {"story": "<p>Ink</p>"}


@pytest.mark.parametrize(
    "value",
    [
        b'"a\\u0000b"', b'{"\\u0000": 1}', b'["\\u0000"]', b"1e308", b"-1e19", b"[100000000000000000000]",
        b"[" * 300 + b"]" * 300, b'{"a":' * 1000 + b"1" + b"}" * 1000,
    ],
)  # fmt: skip
def test_what_no_column_could_keep_is_refused_wherever_it_stands(staff: Client, value: bytes) -> None:
    """PostgreSQL has no NUL, gives 1e308 back with all its digits, and nobody writes what is a thousand deep."""
    Attribute.objects.create(name="plate", label="Plate", type="json")
    slug = make_variant(price=inr(100)).product.slug
    for method, path, body in (
        ("PATCH", f"admin/products/{slug}", b'{"attributes": {"plate": %b}}'),
        ("POST", "admin/attributes", b'{"name": "mood", "label": "Mood", "type": "text", "choices": [%b]}'),
        ("POST", "admin/collections", b'{"name": "Odd", "rules": [{"field": "tag", "is": "is", "value": %b}]}'),
        ("POST", "admin/collections/count", b'{"rules": [{"field": "category", "is": "is", "value": %b}]}'),
    ):
        answer = staff.generic(method, path, body % value, content_type="application/json")
        assert (answer.status_code, answer.json()["code"]) == (400, "malformed"), (path, answer.content)
    legal = staff.generic(
        "PATCH", f"admin/products/{slug}", b'{"attributes": {"plate": "\\\\u0000 1e308"}}', content_type="application/json"
    )
    assert legal.json()["attributes"] == {"plate": "\\u0000 1e308"}


def test_a_product_whose_end_is_over_is_not_published_and_nothing_breaks(staff: Client) -> None:
    product = make_variant(price=inr(100)).product
    over = timezone.now() - timedelta(days=1)
    Product.objects.filter(pk=product.pk).update(status="draft", published_at=None, unpublish_at=over)
    answer = staff.patch(f"admin/products/{product.slug}", {"status": "active"})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "unpublish_at")
    answer = staff.patch(f"admin/products/{product.slug}", {"status": "active", "unpublish_at": None})
    assert (answer.status_code, answer.json()["status"]) == (200, "active")


WRITTEN_IN_MARKS = ["कमल", "कमला", "น้ำหอม", "ปา", "ป่า", "ガス", "한국어", "עִבְרִית"]


def test_words_that_differ_in_their_marks_are_different_products_and_keep_their_slugs(staff: Client) -> None:
    slugs = []
    for at, name in enumerate(WRITTEN_IN_MARKS):
        made = staff.post("admin/products", {"name": name, "sku": f"S-{at}", "price": PRICE})
        assert made.status_code == 201, made.content
        slug = made.json()["slug"]
        slugs.append(slug)
        # What creation returned is accepted on change, in any Unicode form.
        for spelling in (slug, unicodedata.normalize("NFD", slug)):
            changed = staff.patch(f"admin/products/{slug}", {"slug": spelling, "subtitle": spelling})
            assert (changed.status_code, changed.json()["slug"]) == (200, slug)
    assert len(set(slugs)) == len(slugs)


@pytest.mark.parametrize("kind", ["products", "categories", "collections", "drops"])
def test_every_kind_of_slug_takes_every_script_on_creation_and_on_change(staff: Client, kind: str) -> None:
    drop = {"opens_at": "2099-01-01T00:00:00Z", "variants": [make_variant(price=inr(100)).sku]}
    required: dict[str, dict[str, Any]] = {"products": {"sku": "S", "price": PRICE}, "drops": drop}
    more = required.get(kind, {})
    made = staff.post(f"admin/{kind}", {"name": "कमला", "slug": "कमला", **more})
    assert (made.status_code, made.json()["slug"]) == (201, "कमला"), made.content
    moved = staff.patch(f"admin/{kind}/कमला", {"slug": "น้ำหอม"}, HTTP_IF_MATCH=made["ETag"])
    assert (moved.status_code, moved.json()["slug"]) == (200, "น้ำหอม"), moved.content
    refused = staff.patch(f"admin/{kind}/น้ำหอม", {"slug": "two words!"}, HTTP_IF_MATCH=moved["ETag"])
    assert refused.status_code == 400
    error = refused.json()["errors"][0]
    assert (error["field"], error["code"]) == ("slug", "slug")
    assert "two-words" in error["message"]


@pytest.mark.parametrize("kind", ["product", "category", "collection"])
def test_another_spelling_of_a_slug_redirects_to_it(staff: Client, client: Client, kind: str) -> None:
    plural = {"product": "products", "category": "categories", "collection": "collections"}[kind]
    more = {"sku": "S", "price": PRICE, "status": "active"} if kind == "product" else {}
    assert staff.post(f"admin/{plural}", {"name": "Kamala", "slug": "café-कमला", **more}).status_code == 201
    for spelling in ("CAFÉ-कमला", unicodedata.normalize("NFD", "café-कमला")):
        found = client.get(f"{plural}/{spelling}")
        assert (found.status_code, found.json()["moved_to"]) == (301, "café-कमला")


def test_another_spelling_of_a_draft_s_slug_does_not_disclose_it(staff: Client, client: Client) -> None:
    staff.post("admin/products", {"name": "Secret", "sku": "S", "price": PRICE})
    assert client.get("products/SECRET").status_code == 404


def test_a_product_is_published_only_when_all_its_pictures_have_alt_text(staff: Client) -> None:
    whole, bare = (MediaAsset.objects.create(source=f"test:{alt}", alt=alt) for alt in ("A square flacon.", ""))
    slug = staff.post("admin/products", {"name": "Neuf", "sku": "NEUF", "price": PRICE}).json()["slug"]
    shown = {"images": [str(whole.pk), str(bare.pk)]}
    assert staff.patch(f"admin/products/{slug}", shown).status_code == 200  # a draft may lack it
    new = {"name": "Dix", "sku": "DIX", "price": PRICE, "status": "active", **shown}
    for refused in (staff.patch(f"admin/products/{slug}", {"status": "active"}), staff.post("admin/products", new)):
        (error,) = refused.json()["errors"]
        assert (refused.status_code, error["field"], error["code"]) == (400, "status", "alt_text_required")
        assert error["message"] == "Add alt text to picture 2 before publishing."
    assert list(Product.objects.values_list("slug", "status")) == [(slug, "draft")]
    (product,) = Product.objects.all()
    said = bulk.change_many([product.pk], act="publish", terms={}, actor=SYSTEM)
    assert said == {product.pk: "Add alt text to picture 2 before publishing."}
    assert staff.patch(f"admin/media/{bare.pk}", {"alt": "Its stopper."}).status_code == 200
    assert staff.patch(f"admin/products/{slug}", {"status": "active"}).status_code == 200
    # What is published already is not held up by a picture that an import brought without alt text.
    MediaAsset.objects.filter(pk=bare.pk).update(alt="")
    assert staff.patch(f"admin/products/{slug}", {"status": "active", "subtitle": "Ink"}).status_code == 200
    assert bulk.change_many([product.pk], act="publish", terms={}, actor=SYSTEM) == {}
