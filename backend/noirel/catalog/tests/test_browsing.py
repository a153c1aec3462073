"""What a shopper finds: lists, filters, facets, pages, and what they cost."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from noirel.catalog.jobs import update_search_words
from noirel.catalog.models import Attribute, Category, Collection, CollectionItem, Product
from noirel.catalog.services.projection import refresh_projection
from noirel.core.domain.money import inr
from noirel.core.viewer import SYSTEM
from noirel.inventory import services as inventory
from tests.client import Client
from tests.make import make_variant
from tests.shared import shared_rows

pytestmark = pytest.mark.django_db

# name, category, family, notes, price in rupees, on hand, days since it came
HOUSE = [
    ("Encre", "woods", "woody", ["iris", "birch smoke"], 14_500, 5, 300),
    ("Cendre", "woods", "woody", ["vetiver", "incense"], 15_500, 0, 200),
    ("Rose Éteinte", "florals", "floral", ["rose", "patchouli"], 15_900, 5, 100),
    ("Premier Soir", "florals", "green", ["fig leaf", "iris"], 14_500, 5, 90),
    ("Deux Minutes", "ambers", "amber", ["saffron", "oud"], 24_500, 2, 5),
]


@pytest.fixture(scope="module")
def house(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, Product]]:
    with shared_rows(django_db_blocker):
        yield _made()


def _made() -> dict[str, Product]:
    Attribute.objects.create(name="family", label="Family", is_facet=True, is_on_card=True)
    Attribute.objects.create(name="note", label="Notes", type="list", is_facet=True, position=1)
    perfumes = Category.objects.create(slug="perfumes", name="Perfumes")
    made = {}
    for name, category, family, notes, rupees, on_hand, days in HOUSE:
        place, _ = Category.objects.get_or_create(slug=category, defaults={"name": category.title(), "parent": perfumes})
        product = make_variant(price=inr(rupees * 100), on_hand=on_hand, name=name).product
        product.category = place
        product.slug = name.lower().replace(" ", "-").replace("é", "e")
        product.subtitle = " and ".join(notes)
        product.attributes = {"family": family, "note": notes}
        product.published_at = timezone.now() - timedelta(days=days)
        product.is_best_seller = name == "Encre"
        product.save()
        refresh_projection(product.pk)
        made[name] = product
    update_search_words()
    return made


def names(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [card["name"] for card in answer.json()["results"]]


def facet(answer: Any, name: str) -> dict[str, int]:
    found = next(f for f in answer.json()["facets"] if f["name"] == name)
    return {value["value"]: value["count"] for value in found["values"]}


def test_the_newest_come_first(client: Client, house: dict[str, Product]) -> None:
    assert names(client.get("products")) == ["Deux Minutes", "Premier Soir", "Rose Éteinte", "Cendre", "Encre"]


def test_a_category_holds_what_is_below_it(client: Client, house: dict[str, Product]) -> None:
    assert len(names(client.get("products?category=perfumes"))) == 5
    assert names(client.get("products?category=woods")) == ["Cendre", "Encre"]
    assert names(client.get("products?category=nowhere")) == []


def test_values_of_one_attribute_add_up_and_attributes_narrow(client: Client, house: dict[str, Product]) -> None:
    assert set(names(client.get("products?family=woody&family=floral"))) == {"Encre", "Cendre", "Rose Éteinte"}
    assert names(client.get("products?family=woody&family=floral&note=rose")) == ["Rose Éteinte"]


def test_a_facet_is_counted_under_every_filter_but_its_own(client: Client, house: dict[str, Product]) -> None:
    answer = client.get("products?family=woody&note=iris")
    assert names(answer) == ["Encre"]
    iris = [row for row in HOUSE if "iris" in row[3]]
    woody = [row for row in HOUSE if row[2] == "woody"]
    assert facet(answer, "family") == Counter(row[2] for row in iris)
    assert facet(answer, "note") == Counter(note for row in woody for note in row[3])
    assert facet(answer, "category") == {"woods": 1}


def test_price_stock_and_badges_filter(client: Client, house: dict[str, Product]) -> None:
    assert names(client.get("products?min_price=1550000&max_price=1600000&sort=price")) == ["Cendre", "Rose Éteinte"]
    assert names(client.get("products?in_stock=false")) == ["Cendre"]
    assert names(client.get("products?badge=new")) == ["Deux Minutes"]
    assert names(client.get("products?badge=best_seller")) == ["Encre"]
    cards = {card["name"]: card["badges"] for card in client.get("products").json()["results"]}
    assert cards["Deux Minutes"] == ["new", "low_stock"]
    assert cards["Encre"] == ["best_seller"]


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=101",
        "limit=ten",
        "sort=cheapest",
        "min_price=12.5",
        "in_stock=maybe",
        "badge=gold",
        "famly=woody",
        "cursor=x",
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_said_by_name(client: Client, house: dict[str, Product], query: str) -> None:
    answer = client.get(f"products?{query}")
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert [error["field"] for error in answer.json()["errors"]] == [query.split("=", maxsplit=1)[0]]


@pytest.mark.parametrize("sort", ["newest", "best_selling", "price", "-price"])
def test_pages_show_each_product_once_while_others_come_and_go(client: Client, house: dict[str, Product], sort: str) -> None:
    first = client.get(f"products?limit=2&sort={sort}").json()
    seen = [card["name"] for card in first["results"]]
    make_variant(price=inr(1_00), on_hand=1, name="Came later")
    Product.objects.filter(name=seen[0]).update(status="archived")
    cursor = first["next"]
    while cursor:
        page = client.get("products", {"limit": 2, "sort": sort, "cursor": cursor}).json()
        seen += [card["name"] for card in page["results"]]
        cursor = page["next"]
    assert Counter(name for name in seen if name != "Came later") == Counter(row[0] for row in HOUSE)


@pytest.mark.parametrize("q", ["rose", "Éteinte", "eteinte", "rose etinte", "patchuli"])
def test_a_search_knows_accents_and_forgives_typos(client: Client, house: dict[str, Product], q: str) -> None:
    assert names(client.get("products", {"q": q}))[0] == "Rose Éteinte"


def test_a_suggestion_comes_from_a_few_letters(client: Client, house: dict[str, Product]) -> None:
    told = client.get("search/suggest?q=enc").json()
    assert told["products"][0]["name"] == "Encre"
    assert client.get("search/suggest?q=wood").json()["categories"] == [{"slug": "woods", "name": "Woods"}]
    assert client.get("search/suggest?q=%25").json() == {"products": [], "categories": [], "queries": []}


def test_a_collection_keeps_its_own_order(client: Client, house: dict[str, Product]) -> None:
    hours = Collection.objects.create(slug="hours", name="The hours")
    for position, name in enumerate(["Premier Soir", "Encre", "Deux Minutes"]):
        CollectionItem.objects.create(collection=hours, product=house[name], position=position)
    assert names(client.get("products?collection=hours")) == ["Premier Soir", "Encre", "Deux Minutes"]
    first = client.get("products?collection=hours&limit=2").json()
    rest = client.get("products", {"collection": "hours", "limit": 2, "cursor": first["next"]})
    assert names(rest) == ["Deux Minutes"]
    assert client.get("collections/hours").json()["product_count"] == 3
    assert client.get("collections/none").status_code == 404


def test_a_draft_an_archived_and_a_future_product_are_nowhere(client: Client, house: dict[str, Product]) -> None:
    Product.objects.filter(name="Encre").update(status="draft")
    Product.objects.filter(name="Cendre").update(status="archived")
    Product.objects.filter(name="Rose Éteinte").update(published_at=timezone.now() + timedelta(days=1))
    assert names(client.get("products")) == ["Deux Minutes", "Premier Soir"]
    assert [client.get(f"products/{slug}").status_code for slug in ("encre", "cendre", "rose-eteinte")] == [404] * 3
    tree = client.get("categories").json()["results"]
    assert {child["slug"]: child["product_count"] for child in tree[0]["children"]} == {"woods": 0, "florals": 1, "ambers": 1}


def test_a_product_page_is_one_answer(client: Client, house: dict[str, Product]) -> None:
    page = client.get("products/encre").json()
    assert page["price_range"]["min"] == {"amount": 14_500_00, "currency": "INR"}
    assert page["variants"][0]["availability"] == {"in_stock": True, "quantity": 5, "policy": "deny", "expected_on": None}
    assert page["breadcrumbs"] == [{"name": "Perfumes", "slug": "perfumes"}, {"name": "Woods", "slug": "woods"}]
    assert page["attributes"] == {"family": "woody", "note": ["iris", "birch smoke"]}
    assert [d["name"] for d in page["attribute_definitions"]] == ["family", "note"]
    assert page["related"][0]["name"] == "Cendre"
    assert "Encre" not in {other["name"] for other in page["related"]}


def test_a_list_says_when_it_may_be_kept_and_answers_304(client: Client, house: dict[str, Product]) -> None:
    first = client.get("products")
    assert "s-maxage=" in first["Cache-Control"]
    assert "stale-while-revalidate=" in first["Cache-Control"]
    again = client.get("products", HTTP_IF_NONE_MATCH=first["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    inventory.adjust(house["Encre"].variants.get().sku, delta=-5, reason="damaged", actor=SYSTEM)
    changed = client.get("products", HTTP_IF_NONE_MATCH=first["ETag"])
    assert (changed.status_code, changed["ETag"] != first["ETag"]) == (200, True)


def test_few_are_left_only_when_that_is_so_of_every_variant_that_can_be_had(client: Client, house: dict[str, Product]) -> None:
    def badges() -> list[str]:
        listed = {card["slug"]: card["badges"] for card in client.get("products").json()["results"]}
        page: list[str] = client.get("products/encre").json()["badges"]
        assert listed["encre"] == page
        return page

    def written() -> str:
        with connection.cursor() as cursor:  # where the row lies: elsewhere after each write
            cursor.execute("SELECT ctid::text FROM catalog_product WHERE slug = 'encre'")
            return str(cursor.fetchone()[0])

    encre = house["Encre"].variants.get()
    at_first = written()
    assert badges() == ["best_seller"]
    inventory.adjust(encre.sku, delta=-1, reason="damaged", actor=SYSTEM)  # four
    assert badges() == ["best_seller"]
    assert written() == at_first
    inventory.reserve({encre.pk: 1}, reference="a bag", expires_at=None)  # three
    assert badges() == ["best_seller", "low_stock"]
    crossed = written()
    inventory.adjust(encre.sku, delta=-1, reason="damaged", actor=SYSTEM)  # two: nothing new about the product
    assert written() == crossed
    inventory.adjust(encre.sku, delta=-2, reason="damaged", actor=SYSTEM)  # none: sold out is not few
    assert badges() == ["best_seller"]
    inventory.adjust(encre.sku, delta=2, reason="received", actor=SYSTEM)
    assert badges() == ["best_seller", "low_stock"]
    inventory.set_terms(encre.pk, is_tracked=True, policy="backorder")  # it can always be had
    assert badges() == ["best_seller"]


def test_a_former_price_above_the_price_is_a_sale(client: Client, house: dict[str, Product]) -> None:
    encre = house["Encre"].variants.get()
    for former, badges in [(encre.price_amount + 1, ["best_seller", "sale"]), (None, ["best_seller"])]:
        encre.compare_at_amount = former
        encre.save()
        refresh_projection(encre.product_id)
        assert client.get("products/encre").json()["badges"] == badges
