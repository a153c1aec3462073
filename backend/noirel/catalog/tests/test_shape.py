"""What the database keeps true of the catalogue's shape, and what follows for the shop."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from noirel.catalog.models import Category, Collection, Product, Redirect, RelatedProduct, Variant
from noirel.catalog.services.projection import refresh_projection
from noirel.core.domain.money import inr
from tests.client import Client
from tests.make import make_variant

pytestmark = pytest.mark.django_db


def test_two_variants_of_a_product_are_never_the_same() -> None:
    variant = make_variant(price=inr(100), options={"size": "50 ml", "glass": "black"})
    with pytest.raises(IntegrityError, match="variant_combination_once"), transaction.atomic():
        Variant.objects.create(
            product=variant.product,
            sku="TWIN",
            title="",
            price_amount=1,
            currency="INR",
            options={"glass": "black", "size": "50 ml"},
        )


def test_a_category_never_stands_below_itself() -> None:
    top = Category.objects.create(slug="top", name="Top")
    middle = Category.objects.create(slug="middle", name="Middle", parent=top)
    leaf = Category.objects.create(slug="leaf", name="Leaf", parent=middle)
    for below in (top, middle, leaf):
        with pytest.raises(IntegrityError, match="below itself"), transaction.atomic():
            Category.objects.filter(pk=top.pk).update(parent=below)
    Category.objects.filter(pk=leaf.pk).update(parent=top)


def test_an_old_address_leads_to_the_one_of_today_in_one_step(client: Client) -> None:
    product = make_variant(price=inr(100)).product
    first = product.slug
    for slug in ("second", "third"):
        Product.objects.filter(pk=product.pk).update(slug=slug)
    refresh_projection(product.pk)
    for old in (first, "second"):
        answer = client.get(f"products/{old}")
        assert (answer.status_code, answer["Location"]) == (301, "/api/v1/products/third")
        assert (answer.json()["code"], answer.json()["moved_to"]) == ("moved", "third")
    Product.objects.filter(pk=product.pk).update(slug=first)
    assert client.get(f"products/{first}").status_code == 200
    assert set(Redirect.objects.values_list("slug", flat=True)) == {"second", "third"}


def test_an_old_address_tells_nobody_what_is_not_on_show(client: Client) -> None:
    product = make_variant(price=inr(100)).product
    old, later = product.slug, timezone.now() + timedelta(days=1)
    Product.objects.filter(pk=product.pk).update(slug="what-nobody-knows-yet")
    for hidden in (
        {"status": "draft"}, {"status": "archived"}, {"published_at": later}, {"published_at": None},
        {"unpublish_at": timezone.now()},
    ):  # fmt: skip
        before = {name: getattr(product, name) for name in hidden}
        Product.objects.filter(pk=product.pk).update(**hidden)
        answer = client.get(f"products/{old}")
        assert (answer.status_code, b"nobody" in answer.content) == (404, False), hidden
        Product.objects.filter(pk=product.pk).update(**before)
    assert client.get(f"products/{old}").status_code == 301


def test_who_moves_into_an_old_address_lives_there(client: Client) -> None:
    Collection.objects.create(slug="old", name="One")
    Collection.objects.filter(slug="old").update(slug="new")
    assert client.get("collections/old").json()["moved_to"] == "new"
    Collection.objects.create(slug="old", name="Another")
    assert client.get("collections/old").json()["name"] == "Another"


def test_a_product_appears_and_goes_at_its_time(client: Client) -> None:
    product = make_variant(price=inr(100)).product
    product.refresh_from_db()
    now = timezone.now()
    for begins, ends, is_shown in [(-2, None, True), (1, None, False), (-2, 1, True), (-2, -1, False)]:
        product.published_at = now + timedelta(hours=begins)
        product.unpublish_at = None if ends is None else now + timedelta(hours=ends)
        product.save()
        assert client.get(f"products/{product.slug}").status_code == (200 if is_shown else 404)
        assert client.get("products").json()["total"] == int(is_shown)


def test_what_was_chosen_by_hand_stands_first_beside_a_product(client: Client) -> None:
    product, other, chosen = (make_variant(price=inr(100)).product for _ in range(3))
    Product.objects.filter(pk=chosen.pk).update(published_at=timezone.now() - timedelta(days=300))
    assert [card["slug"] for card in client.get(f"products/{product.slug}").json()["related"]] == [other.slug, chosen.slug]
    RelatedProduct.objects.create(product=product, other=chosen, position=1)
    assert [card["slug"] for card in client.get(f"products/{product.slug}").json()["related"]] == [chosen.slug, other.slug]


def test_an_archived_variant_is_offered_no_more(client: Client) -> None:
    variant = make_variant(price=inr(100))
    Variant.objects.create(
        product=variant.product, sku="KEPT", title="100 ml", price_amount=200, currency="INR", options={"size": "L"}
    )
    Variant.objects.filter(pk=variant.pk).update(archived_at=timezone.now())
    refresh_projection(variant.product_id)
    page = client.get(f"products/{variant.product.slug}").json()
    assert [item["sku"] for item in page["variants"]] == ["KEPT"]
    assert (page["price_range"]["min"]["amount"], page["in_stock"]) == (200, False)
    cart = client.post("carts", {}).json()["id"]
    assert client.post(f"carts/{cart}/lines", {"sku": variant.sku, "quantity": 1}).status_code >= 400
