"""What crawlers read, held to the rules of its formats."""

import gzip
import re
import xml.etree.ElementTree as ET  # our own answers
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote
from urllib.robotparser import RobotFileParser

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from noirel.catalog.feeds import merchant, sitemap
from noirel.catalog.feeds.measures import measure_of
from noirel.catalog.feeds.merchant import is_gtin
from noirel.catalog.models import Category, Collection, Product, ProductPicture, Variant
from noirel.catalog.services.projection import refresh_projections
from noirel.content.models import MediaAsset
from noirel.content.selectors import media_url
from noirel.core.domain.money import inr
from tests.client import Client
from tests.make import make_drop, make_variant

pytestmark = pytest.mark.django_db
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
IMAGE = "{http://www.google.com/schemas/sitemap-image/1.1}"
GOOGLE = "{http://base.google.com/ns/1.0}"


def read(path: str, **headers: str) -> Any:
    return Browser(headers=headers).get(path)


def xml(path: str) -> ET.Element:
    answer = read(path)
    assert answer.status_code == 200, path
    assert answer["Content-Type"] == "application/xml; charset=utf-8"
    return ET.fromstring(b"".join(answer.streaming_content))


def shown(variant: Variant, *, pictures: int = 1) -> Variant:
    """With pictures of its own."""
    for nth in range(pictures):
        name = f"{variant.pk}{'-' * nth}"
        renditions = [
            {"format": kind, "width": width, "height": width, "path": f"pictures/{name}-{width}.{kind}"}
            for kind, width in (("avif", 960), ("webp", 960), ("jpeg", 480), ("jpeg", 960))
        ]
        asset = MediaAsset.objects.create(source=f"test:{name}", width=960, height=960, renditions=renditions)
        ProductPicture.objects.create(product=variant.product, asset=asset, position=nth)
    refresh_projections([variant.product_id])
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
    assert item["identifier_exists"] == ("yes" if {"gtin", "mpn"} & set(item) else "no")
    assert len(item.get("mpn", "")) <= 70
    assert ("unit_pricing_measure" in item) == ("unit_pricing_base_measure" in item)
    assert re.fullmatch(r"(1|100)(ml|cl|l|g|kg|lb|floz)|", item.get("unit_pricing_base_measure", ""))
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


@pytest.mark.parametrize(
    ("story", "subtitle", "told"),
    [("<p> </p><hr>", "Ink", "Ink"), ("", "", "Encre"), ("<p>a<br>b</p>&lt;c&gt;", "Ink", "a b <c>"), ("", "<3 ink", "<3 ink")],
)
def test_there_is_always_something_said_of_an_item(story: str, subtitle: str, told: str) -> None:
    sold = shown(make_variant(price=inr(100), sku="SAID", name="Encre"))
    Product.objects.filter(pk=sold.product_id).update(story=story, subtitle=subtitle)
    [item] = xml("/feeds/google.xml").iter("item")
    assert item.findtext(f"{GOOGLE}description") == told


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


@pytest.mark.parametrize(
    ("text", "measure", "base"),
    [
        ("50 ml", "50ml", "100ml"), ("50ML", "50ml", "100ml"), ("0,75 l", "0.75l", "1l"), ("1 Litre", "1l", "1l"),
        ("1.7 fl oz", "1.7floz", "1floz"), ("1.7 FL. OZ.", "1.7floz", "1floz"), ("250 g", "250g", "100g"),
        ("2 kg", "2kg", "1kg"),
        ("50 ml / 1.7 fl oz", "50ml", "100ml"), ("100 ml (3.4 fl. oz)", "100ml", "100ml"), ("1.5 lbs", "1.5lb", "1lb"),
    ],
)  # fmt: skip
def test_what_is_in_a_bottle_is_read_from_its_size(text: str, measure: str, base: str) -> None:
    assert measure_of({"Size": text}) == (measure, base)


@pytest.mark.parametrize(
    "text",
    ["", "M", "3 x 10 ml", "10 ml + 50 ml", "1.7 oz", "2L", "5G", "1,000 g", "500 mg", "30 cm", "0 ml", "50 ml refill", "-5 ml",
     "50 ml (3.4 fl oz)", "10 g / 10 ml", "50 ml / M", "50-100 ml", "５０ ml", "1e3 ml", "42", "100000000 ml", "50 ml\n60 ml"],
)  # fmt: skip
def test_what_could_mean_something_else_has_no_unit_price(text: str) -> None:
    assert measure_of({"Size": text}) is None


def test_only_one_option_may_say_how_much_is_in_it() -> None:
    assert measure_of({"Colour": "50 ml"}) is None
    assert measure_of({"Size": "50 ml", "Weight": "310 g"}) is None
    assert measure_of({"Size": "M", "VOLUME": "50 ml"}) == ("50ml", "100ml")


def test_an_item_is_told_apart_by_its_maker_s_number_where_that_is_certain(settings: Any) -> None:
    settings.SHOP_NAME = "The House"
    ours, theirs = (shown(make_variant(price=inr(100), sku=sku)) for sku in ("OURS", "THEIRS"))
    Product.objects.filter(pk=ours.product_id).update(vendor="the house ")
    Product.objects.filter(pk=theirs.product_id).update(vendor="Maison", attributes={"mpn": "OF-PRODUCT"})
    nobody_s = shown(make_variant(price=inr(100), sku="NOBODY-S", attributes={"mpn": ["A", "B"]}))
    told = items()
    assert (told["OURS"]["mpn"], told["OURS"]["identifier_exists"]) == ("OURS", "yes")
    assert (told["THEIRS"]["mpn"], told["THEIRS"]["identifier_exists"]) == ("OF-PRODUCT", "yes")
    assert ("mpn" in told["NOBODY-S"], told["NOBODY-S"]["identifier_exists"]) == (False, "no")
    Variant.objects.filter(pk=nobody_s.pk).update(attributes={"mpn": "x" * 71})
    Variant.objects.create(
        product=theirs.product, sku="SECOND", title="2", options={"n": "2"}, price_amount=100, currency="INR",
        attributes={"mpn": 4711}, position=2,
    )  # fmt: skip
    told = items()
    assert "mpn" not in told["THEIRS"]  # one number for two things tells neither
    assert told["SECOND"]["mpn"] == "4711"
    assert "mpn" not in told["NOBODY-S"]


def test_an_item_says_how_much_is_in_it() -> None:
    sold = shown(make_variant(price=inr(100), sku="SIZED", options={"s": "50 ml"}))
    Product.objects.filter(pk=sold.product_id).update(options=[{"name": "s", "label": "Size", "values": ["50 ml"]}])
    assert items()["SIZED"]["unit_pricing_measure"] == "50ml"
    assert items()["SIZED"]["unit_pricing_base_measure"] == "100ml"


def sitemaps() -> dict[str, list[ET.Element]]:
    """The entries of each file that the index leads to, by its name."""
    root = xml("/sitemap.xml")
    assert root.tag == f"{SITEMAP}sitemapindex"
    found = {}
    for loc in root.iter(f"{SITEMAP}loc"):
        name = str(loc.text).rpartition("/")[2]
        part = xml(f"/sitemaps/{name}")
        assert part.tag == f"{SITEMAP}urlset"
        found[name] = list(part)
    changed = [str(at.text) for at in root.iter(f"{SITEMAP}lastmod")]
    assert all(datetime.fromisoformat(at) <= datetime.now(UTC) for at in changed)
    return found


def locs(entries: Iterable[ET.Element]) -> list[str]:
    return [str(entry.findtext(f"{SITEMAP}loc")) for entry in entries]


def test_the_sitemap_index_leads_to_every_page_once(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    for number in range(5):
        make_variant(price=inr(100 + number))
    hidden, elsewhere, own = (make_variant(price=inr(100)).product for _ in range(3))
    Product.objects.filter(pk=hidden.pk).update(status="draft")
    Product.objects.filter(pk=elsewhere.pk).update(seo_canonical="https://maker.example/p/it")
    Product.objects.filter(pk=own.pk).update(seo_canonical=f"{settings.PUBLIC_URL}/p/{own.slug}")
    Category.objects.create(slug="ünder", name="Under & out")
    monkeypatch.setattr(sitemap, "LIMITS", sitemap.Limits(addresses=2))
    told = sitemaps()
    assert {name for name in told if "products" in name} == {"products-1.xml", "products-2.xml", "products-3.xml"}
    assert all(len(entries) <= 2 for name, entries in told.items() if name != "pages.xml")
    assert all(entry.find(f"{SITEMAP}lastmod") is not None for name in told for entry in told[name] if name != "pages.xml")
    found = [url for entries in told.values() for url in locs(entries)]
    assert len(found) == len(set(found))
    slugs = {url.rpartition("/p/")[2] for url in found if "/p/" in url}
    shown_ones = Product.objects.filter(status="active").exclude(pk=elsewhere.pk)
    assert slugs == set(shown_ones.values_list("slug", flat=True))
    assert any(url.endswith("/c/%C3%BCnder") for url in found)
    assert read("/sitemaps/products-4.xml").status_code == 404
    assert read("/sitemaps/nothing-1.xml").status_code == 404
    may = RobotFileParser()
    may.parse(read("/robots.txt").content.decode().splitlines())
    assert all(may.can_fetch("Googlebot", url) for url in [*found, *(may.site_maps() or ())])
    assert not may.can_fetch("Googlebot", f"{settings.PUBLIC_URL}/checkout")


def test_the_sitemap_leads_to_every_drop_that_was_announced() -> None:
    announced, draft = make_drop(make_variant(price=inr(100))), make_drop(make_variant(price=inr(100)), announced=False)
    found = [url.partition("/drops")[2] for entries in sitemaps().values() for url in locs(entries) if "/drops" in url]
    assert sorted(found) == ["", f"/{announced.slug}"]
    assert draft.slug not in str(found)


def test_an_entry_has_the_pictures_of_its_page(settings: Any) -> None:
    variant = shown(make_variant(price=inr(100)), pictures=2)
    make_variant(price=inr(100))
    first, second = sitemaps()["products-1.xml"]
    assert [str(loc.text) for loc in first.iter(f"{IMAGE}loc")] == [
        f"{settings.PUBLIC_URL}{media_url(picture.asset.renditions[-1]['path'])}"
        for picture in variant.product.pictures.select_related("asset").order_by("position")
    ]
    assert list(second.iter(f"{IMAGE}image")) == []


def test_no_file_is_larger_than_the_protocol_allows_whatever_stands_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Slugs that grow ninefold in an address, and more pictures than an address may have."""
    slugs = {"墨" * length + str(number) for number, length in enumerate((1, 150, 7, 190, 3, 199, 160, 2, 170, 180))}
    for slug in sorted(slugs):
        product = make_variant(price=inr(100)).product
        Product.objects.filter(pk=product.pk).update(slug=slug)
        for at, letter in enumerate("a'b&c"):
            url = f"https://pictures.example/{letter * (120 if letter.isalpha() else 24)}.jpeg"
            asset = MediaAsset.objects.create(source=f"{slug}{at}", renditions=[{"format": "jpeg", "width": 9, "path": url}])
            ProductPicture.objects.create(product=product, asset=asset, position=at)
        images = [
            {"renditions": [{"format": "jpeg", "width": 9, "url": a.asset.renditions[0]["path"]}]}
            for a in product.pictures.all()
        ]
        Product.objects.filter(pk=product.pk).update(page={"images": images})
    limits = sitemap.Limits(addresses=4, bytes=9000, pictures=3)
    monkeypatch.setattr(sitemap, "LIMITS", limits)
    found: list[str] = []
    files = len(sitemap.files("products"))
    assert files > 3  # bytes end them before addresses do
    for number in range(1, files + 1):
        content = b"".join(read(f"/sitemaps/products-{number}.xml").streaming_content)
        assert len(content) <= limits.bytes
        entries = list(ET.fromstring(content))
        assert 1 <= len(entries) <= limits.addresses
        assert all(1 <= len(list(entry.iter(f"{IMAGE}image"))) <= limits.pictures for entry in entries)
        found += locs(entries)
    assert sorted(unquote(url.rpartition("/p/")[2]) for url in found) == sorted(slugs)
    assert sitemap.Limits().share > 1000  # what a product with two pictures takes: 50,000 of them are one file


def test_every_page_that_is_told_of_can_be_had(client: Client) -> None:
    shown(make_variant(price=inr(100), sku="TOLD"))
    Category.objects.create(slug="told", name="Told")
    Collection.objects.create(slug="told-too", name="Told too")
    found = [url for name, entries in sitemaps().items() if name != "pages.xml" for url in locs(entries)]
    found += [item["link"] for item in items().values()]
    asked = {"/p/": "products/{}", "/c/": "products?category={}", "/collections/": "collections/{}"}
    for folder, address in asked.items():
        slugs = {url.partition(folder)[2].partition("?")[0] for url in found if folder in url}
        assert slugs, folder
        for slug in slugs:
            assert client.get(f"/api/v1/{address.format(slug)}").status_code == 200


@pytest.mark.parametrize("path", ["/feeds/google.xml", "/sitemaps/products-1.xml"])
def test_no_more_than_a_batch_is_read_ahead_of_who_listens(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(6):
        shown(make_variant(price=inr(100 + number)))
    monkeypatch.setattr(sitemap, "BATCH", 2)
    monkeypatch.setattr(merchant, "BATCH", 2)
    pieces = iter(read(path).streaming_content)
    next(pieces)
    with CaptureQueriesContext(connection) as asked:
        told = [(next(pieces), len(asked))[1] for _ in range(3)]
    assert [statements - told[0] for statements in told] == [0, 1, 2]


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


def test_who_asks_for_all_of_it_again_and_again_is_asked_to_wait(settings: Any) -> None:
    """At 100,000 products a feed is some fifteen seconds of CPU."""
    make_variant(price=inr(100))
    settings.THROTTLE_SCALE = 1
    answers = [read("/feeds/google.xml") for _ in range(11)]
    assert [answer.status_code for answer in answers] == [200] * 10 + [429]
    assert 0 < int(answers[-1]["Retry-After"]) <= 600
    assert (answers[-1].json()["code"], answers[-1]["Cache-Control"]) == ("throttled", "no-store")
    # To ask whether it still stands costs nothing, and is not counted.
    assert read("/feeds/google.xml", if_none_match=answers[0]["ETag"]).status_code == 304
    assert Browser().head("/feeds/google.xml").status_code == 200
    assert read("/feeds/google.xml", x_forwarded_for="192.0.2.1").status_code == 200  # another address
    assert read("/sitemap.xml").status_code == 200


def test_asking_only_for_the_head_reads_no_product() -> None:
    make_variant(price=inr(100))
    for path in ("/feeds/google.xml", "/sitemaps/products-1.xml", "/sitemaps/products-1.xml.gz"):
        with CaptureQueriesContext(connection) as asked:
            head = Browser().head(path)
        assert (head.status_code, head.getvalue()) == (200, b"")
        assert "Content-Length" not in head  # of 0, where a GET has content
        assert not any("p.page" in query["sql"] for query in asked.captured_queries)
    assert Browser().head("/sitemaps/products-2.xml").status_code == 404


def test_robots_may_go_where_there_is_something_to_find() -> None:
    make_variant(price=inr(100))
    answer = read("/robots.txt")
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    lines = answer.content.decode().splitlines()
    assert lines[0] == "User-agent: *"
    assert {"Disallow: /checkout", "Disallow: /admin", "Disallow: /api/"} <= set(lines)
    assert lines[-1].startswith("Sitemap: http")
    assert lines[-1].endswith("/sitemap.xml")
