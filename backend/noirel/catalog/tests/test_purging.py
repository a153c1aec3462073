"""What changes is told to the shared cache in front, once it is committed, and until the cache says that it heard."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test.utils import override_settings

from noirel.catalog.models import Category, Product, Variant
from noirel.catalog.services.products import update_product
from noirel.core.cache import cdn
from noirel.core.cache.cdn import purge_changed
from noirel.core.domain.money import inr
from noirel.core.models import Purge
from noirel.core.viewer import SYSTEM
from tests.client import Client
from tests.edge import EdgeDouble
from tests.make import make_variant

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cdn_server(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[EdgeDouble]:
    monkeypatch.setattr(cdn, "_purger", cdn.Purger())
    monkeypatch.setattr(cdn, "TIMEOUT", (0.3, 0.3))
    with EdgeDouble().running() as double:
        settings.CDN_PURGE_URL, settings.CDN_PURGE_TOKEN = double.fastly, "a token"
        yield double


@pytest.fixture
def encre(cdn_server: EdgeDouble) -> Product:
    """A page that the edge has, and nothing that it has not been told."""
    product = make_variant(price=inr(14_500_00), on_hand=3, name="Encre").product
    purge_changed()
    cdn_server.purged.clear()
    return product


def _again() -> None:
    """When the rest after a refusal is over."""
    cdn._purger._not_before = 0.0
    purge_changed()


def test_a_price_is_forgotten_by_the_name_its_page_was_told_under(
    encre: Product, cdn_server: EdgeDouble, client: Client
) -> None:
    names = client.get(f"products/{encre.slug}")["Surrogate-Key"].split(" ")
    assert client.get("products")["Surrogate-Key"] == "catalogue"
    update_product(encre.slug, actor=SYSTEM, variants=[{"sku": encre.variants.get().sku, "change": {"price": inr(1_00)}}])
    purge_changed()
    assert cdn_server.names == {"catalogue", f"product:{encre.slug}"}
    assert f"product:{encre.slug}" in names
    assert cdn_server.tokens == {"a token"}
    purge_changed()
    assert len(cdn_server.purged) == 2, "told once"
    assert not Purge.objects.exists()


@pytest.mark.parametrize("how", ["slug", "archived", "variant archived", "variant", "stock ends"])
def test_whatever_ends_or_moves_a_page_is_told_under_its_old_name(how: str, encre: Product, cdn_server: EdgeDouble) -> None:
    variant = encre.variants.get()
    match how:
        case "slug":
            Product.objects.filter(pk=encre.pk).update(slug="another")
        case "archived":
            update_product(encre.slug, actor=SYSTEM, status="archived")
        case "variant archived":
            Variant.objects.filter(pk=variant.pk).update(archived_at="2026-01-01T00:00:00Z")
        case "variant":
            Variant.objects.filter(pk=variant.pk).update(title="Another")
        case "stock ends":
            Variant.objects.filter(pk=variant.pk).update(in_stock=False, available=0)
    purge_changed()
    assert f"product:{encre.slug}" in cdn_server.names


def test_what_only_counts_is_not_told(encre: Product, cdn_server: EdgeDouble) -> None:
    Product.objects.filter(pk=encre.pk).update(units_sold=5)
    Variant.objects.filter(product=encre).update(available=2, on_hand=2)
    purge_changed()
    assert cdn_server.purged == []


def test_a_category_changes_lists_and_no_page(encre: Product, cdn_server: EdgeDouble) -> None:
    Category.objects.create(slug="mist", name="Mist")
    purge_changed()
    assert cdn_server.purged == [["catalogue"]]


def test_what_is_rolled_back_is_told_to_nobody(encre: Product, cdn_server: EdgeDouble) -> None:
    with transaction.atomic():
        Product.objects.filter(pk=encre.pk).update(name="Never")
        transaction.set_rollback(True)
    purge_changed()
    assert cdn_server.purged == []


def test_a_bulk_act_is_a_handful_of_calls_and_a_flood_is_one(
    encre: Product, cdn_server: EdgeDouble, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    Purge.objects.bulk_create([Purge(name=f"product:p{n}") for n in range(600)] * 2)
    purge_changed()
    assert [len(call) for call in cdn_server.purged] == [256, 256, 88]
    cdn_server.purged.clear()
    settings.CDN_PURGE_URL, settings.CDN_PURGE_KIND = cdn_server.cloudflare, "cloudflare"
    Purge.objects.bulk_create([Purge(name=f"product:p{n}") for n in range(50)])
    purge_changed()
    assert [len(call) for call in cdn_server.purged] == [30, 20]
    assert cdn_server.tokens == {"a token", "Bearer a token"}
    cdn_server.purged.clear()
    monkeypatch.setattr(cdn, "MAX_PURGED_KEYS", 10)
    Purge.objects.bulk_create([Purge(name=f"product:p{n}") for n in range(50)])
    purge_changed()
    assert cdn_server.purged == [["pages"]]
    assert not Purge.objects.exists()


@pytest.mark.parametrize("trouble", [500, 401, 302, 429, 1.0])
def test_an_edge_that_is_away_is_told_again_and_nothing_is_lost(
    trouble: int | float, encre: Product, cdn_server: EdgeDouble
) -> None:
    Product.objects.filter(pk=encre.pk).update(name="Encre noire")
    cdn_server.goes_wrong = [trouble]
    purge_changed()
    assert cdn_server.purged == []
    assert Purge.objects.filter(name=f"product:{encre.slug}").exists()
    purge_changed()
    assert cdn_server.purged == [], "it is left alone for a while"
    rest = cdn._purger._backoff
    assert rest == (60 if trouble == 429 else 5)
    cdn_server.goes_wrong = [503]
    _again()
    assert cdn._purger._backoff == 2 * rest
    _again()
    assert cdn_server.names == {"catalogue", f"product:{encre.slug}"}
    assert not Purge.objects.exists()


def test_what_was_said_before_a_call_failed_is_not_said_again(encre: Product, cdn_server: EdgeDouble) -> None:
    Purge.objects.bulk_create([Purge(name=f"product:p{n}") for n in range(300)])
    cdn_server.goes_wrong = [200, 500]
    purge_changed()
    assert Purge.objects.count() == 44
    _again()
    assert [len(call) for call in cdn_server.purged] == [256, 44]


def test_a_worker_that_starts_tells_lists_anew(encre: Product, cdn_server: EdgeDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cdn, "_purger", cdn.Purger())
    purge_changed()
    assert cdn_server.purged == [["catalogue"]]


def test_a_slug_of_any_letters_is_said_as_its_page_says_it(encre: Product, cdn_server: EdgeDouble) -> None:
    Product.objects.filter(pk=encre.pk).update(slug="इत्र")
    Product.objects.filter(pk=encre.pk).update(name="इत्र")
    purge_changed()
    assert "product:%E0%A4%87%E0%A4%A4%E0%A5%8D%E0%A4%B0" in cdn_server.names


def test_without_an_edge_nothing_is_kept(encre: Product, cdn_server: EdgeDouble) -> None:
    Product.objects.filter(pk=encre.pk).update(name="Encre noire")
    with override_settings(CDN_PURGE_URL=""):
        purge_changed()
    assert not Purge.objects.exists()
    assert cdn_server.purged == []


def test_cloudflares_header_has_commas(encre: Product, client: Client, settings: Any) -> None:
    settings.SURROGATE_HEADER = "Cache-Tag"
    assert f"pages,product:{encre.slug}" in client.get(f"products/{encre.slug}")["Cache-Tag"]
