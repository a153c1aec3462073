"""What crawlers read, held to the rules of its formats."""

import gzip
import re
import xml.etree.ElementTree as ET  # our own answers
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from noirel.catalog.feeds import sitemap
from noirel.catalog.feeds.merchant import is_gtin
from noirel.catalog.models import Category, Product, ProductPicture, Variant
from noirel.catalog.services.present import present_many
from noirel.content.models import MediaAsset
from noirel.core.money import inr
from tests.make import make_variant

pytestmark = pytest.mark.django_db
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
GOOGLE = "{http://base.google.com/ns/1.0}"


def read(path: str, **headers: str) -> Any:
    return Browser(headers=headers).get(path)


def xml(path: str) -> ET.Element:
    answer = read(path)
    assert answer.status_code == 200, path
    assert answer["Content-Type"] == "application/xml; charset=utf-8"
    return ET.fromstring(b"".join(answer.streaming_content))


def shown(variant: Variant) -> Variant:
    """With a picture of its own."""
    renditions = [
        {"format": kind, "width": width, "height": width, "path": f"pictures/{variant.pk}-{width}.{kind}"}
        for kind, width in (("avif", 960), ("webp", 960), ("jpeg", 480), ("jpeg", 960))
    ]
    asset = MediaAsset.objects.create(source=f"test:{variant.pk}", width=960, height=960, renditions=renditions)
    ProductPicture.objects.create(product=variant.product, asset=asset, position=1)
    present_many([variant.product_id])
    return variant


def items() -> dict[str, dict[str, str]]:
    root = xml("/feeds/google.xml")
    assert (root.tag, root.attrib["version"]) == ("rss", "2.0")
    found = {}
    for item in root.iter("item"):
        told = {child.tag.removeprefix(GOOGLE): child.text or "" for child in item}
        _holds(told)
        found[told["id"]] = told
    return found


def _holds(item: dict[str, str]) -> None:
    """Google's product data specification."""
    assert {"id", "title", "description", "link", "image_link", "availability", "price", "brand", "condition"} <= set(item)
    assert len(item["id"]) <= 50
    assert len(item["title"]) <= 150
    assert 0 < len(item["description"]) <= 5000
    assert "<" not in item["description"]
    assert item["availability"] in {"in_stock", "out_of_stock", "preorder", "backorder"}
    assert ("availability_date" in item) == (item["availability"] in {"preorder", "backorder"})
    for name in {"price", "sale_price"} & set(item):
        assert re.fullmatch(r"\d+(\.\d{2,3})? [A-Z]{3}", item[name])
    for name in ("link", "image_link"):
        assert item[name].startswith("http")
    assert item["image_link"].endswith((".jpeg", ".png", ".webp"))
    assert item["identifier_exists"] == ("yes" if "gtin" in item else "no")
    assert len(item.get("item_group_id", "")) <= 50


def test_a_feed_tells_each_variant_with_its_price_and_whether_it_can_be_had() -> None:
    sold = shown(make_variant(price=inr(12_500_00), on_hand=3, sku="HAD", barcode="4006381333931", name="Encre & Iris"))
    Variant.objects.create(
        product=sold.product, sku="GONE", title="100 ml", options={"size": "100 ml"}, price_amount=100_00,
        compare_at_amount=150_00, currency="INR", barcode="4006381333932", available=0, position=2,
    )  # fmt: skip
    Product.objects.filter(pk=sold.product_id).update(story="<p>Ink &amp; smoke.</p><p>Twice.</p>", vendor="House")
    told = items()
    assert set(told) == {"HAD", "GONE"}
    had, gone = told["HAD"], told["GONE"]
    assert (had["price"], had["availability"], had["gtin"], had["brand"]) == (
        "12500.00 INR",
        "in_stock",
        "4006381333931",
        "House",
    )
    assert had["title"] == "Encre & Iris"
    assert had["description"] == "Ink & smoke. Twice."
    assert had["image_link"].endswith(f"/media/pictures/{sold.pk}-960.jpeg")
    assert (gone["price"], gone["sale_price"], gone["availability"]) == ("150.00 INR", "100.00 INR", "out_of_stock")
    assert (gone["identifier_exists"], gone["size"]) == ("no", "100 ml")
    assert gone["link"].endswith(f"/p/{sold.product.slug}?size=100ml")
    assert had["item_group_id"] == gone["item_group_id"] == sold.product.slug


def test_what_is_sold_ahead_says_from_which_day() -> None:
    day = (timezone.now() + timedelta(days=30)).date()
    ahead = shown(make_variant(price=inr(100), on_hand=0, sku="AHEAD"))
    Variant.objects.filter(pk=ahead.pk).update(policy="preorder", in_stock=True, available=0, expected_on=day)
    assert items()["AHEAD"]["availability_date"] == f"{day}T00:00:00Z"
    Variant.objects.filter(pk=ahead.pk).update(expected_on=None)
    assert items()["AHEAD"]["availability"] == "out_of_stock"


def test_what_the_format_refuses_or_shoppers_cannot_see_is_not_in_the_feed() -> None:
    make_variant(price=inr(100), sku="NO-PICTURE")
    shown(make_variant(price=inr(0), sku="NO-PRICE"))
    shown(make_variant(price=inr(100), sku="IN-A-DROP", drop={"slug": "x"}))
    draft = shown(make_variant(price=inr(100), sku="DRAFT"))
    Product.objects.filter(pk=draft.product_id).update(status="draft")
    odd = shown(make_variant(price=inr(100), sku="S" * 60, name="Odd \x0b\ufffe]]>"))
    assert set(items()) == {f"v{odd.pk}"}


@pytest.mark.parametrize(
    ("code", "is_one"),
    [("4006381333931", True), ("4006381333932", False), ("036000291452", True), ("96385074", True), ("", False),
     ("2000000000008", False), ("40063813339３1", False), ("123", False)],
)  # fmt: skip
def test_a_gtin_is_told_by_its_check_digit(code: str, is_one: bool) -> None:
    assert is_gtin(code) is is_one


def test_the_sitemap_index_leads_to_every_page_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        make_variant(price=inr(100 + number))
    hidden = make_variant(price=inr(100)).product
    Product.objects.filter(pk=hidden.pk).update(status="draft")
    Category.objects.create(slug="ünder", name="Under & out")
    monkeypatch.setattr(sitemap, "_FILES", sitemap._FILES.replace(f"/ {sitemap.MOST}", "/ 2"))
    monkeypatch.setattr(sitemap, "MOST", 2)
    root = xml("/sitemap.xml")
    assert root.tag == f"{SITEMAP}sitemapindex"
    locs = [str(loc.text) for loc in root.iter(f"{SITEMAP}loc")]
    assert [loc.rpartition("/")[2] for loc in locs] == ["pages.xml", "products-1.xml", "products-2.xml", "products-3.xml"]
    changed = [str(at.text) for at in root.iter(f"{SITEMAP}lastmod")]
    assert all(datetime.fromisoformat(at) <= datetime.now(UTC) for at in changed)
    found: list[str] = []
    for loc in locs:
        part = xml("/" + loc.split("/", 3)[3])
        assert part.tag == f"{SITEMAP}urlset"
        urls = [str(url.text) for url in part.iter(f"{SITEMAP}loc")]
        assert len(urls) <= 2 or loc.endswith("pages.xml")
        assert all(url.find(f"{SITEMAP}lastmod") is not None for url in part if "/c/" in str(url.findtext(f"{SITEMAP}loc")))
        found += urls
    assert len(found) == len(set(found))
    slugs = {url.rpartition("/p/")[2] for url in found if "/p/" in url}
    assert slugs == set(Product.objects.filter(status="active").values_list("slug", flat=True))
    assert any(url.endswith("/c/%C3%BCnder") for url in found)
    assert read("/sitemaps/products-4.xml").status_code == 404


def test_a_sitemap_may_be_had_packed() -> None:
    slug = make_variant(price=inr(100)).product.slug
    answer = read("/sitemaps/products-1.xml.gz")
    assert answer["Content-Type"] == "application/gzip"
    assert f"/p/{slug}</loc>" in gzip.decompress(b"".join(answer.streaming_content)).decode()


def test_caches_may_keep_them_and_ask_whether_they_still_stand() -> None:
    make_variant(price=inr(100))
    for path in ("/sitemap.xml", "/sitemaps/products-1.xml", "/feeds/google.xml"):
        answer = read(path)
        b"".join(answer.streaming_content)
        assert "s-maxage=3600" in answer["Cache-Control"]
        assert read(path, if_none_match=answer["ETag"]).status_code == 304


def test_robots_may_go_where_there_is_something_to_find() -> None:
    make_variant(price=inr(100))
    answer = read("/robots.txt")
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    lines = answer.content.decode().splitlines()
    assert lines[0] == "User-agent: *"
    assert {"Disallow: /checkout", "Disallow: /admin", "Disallow: /api/"} <= set(lines)
    assert lines[-1].startswith("Sitemap: http")
    assert lines[-1].endswith("/sitemap.xml")
