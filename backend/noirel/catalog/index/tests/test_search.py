"""Search: order of matches, word forms, typos, unknown words, synonyms and suggestions."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError

from noirel.catalog.jobs import update_search_words
from noirel.catalog.models import Attribute, Boost, Category, Product, Synonym, Variant
from noirel.catalog.services.projection import refresh_projection
from noirel.core.domain.money import inr
from tests.client import Client
from tests.make import make_variant
from tests.shared import shared_rows

pytestmark = pytest.mark.django_db

# name, subtitle, notes, story, units sold
HOUSE = [
    ("Rose", "and patchouli", ["rose"], "", 3),
    ("Rose Éteinte", "a rose gone out", ["patchouli"], "", 40),
    ("Deux Minutes", "saffron and roses", ["agarwood"], "<p>Made in <b>Grasse</b> &amp; kept in oak.</p>", 900),
    ("Jardin", "fig leaf", ["fig leaf", "rosemary"], "<p>A garden. Not a rose in it, but one.</p>", 5),
    ("Encre", "iris and birch smoke", ["iris"], "", 10),
]


@pytest.fixture(scope="module", autouse=True)
def house(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, Product]]:
    with shared_rows(django_db_blocker):
        yield _create_products()


def _create_products() -> dict[str, Product]:
    Attribute.objects.create(name="note", label="Notes", type="list", is_facet=True)
    woods = Category.objects.create(slug="woods", name="Woods & Résines")
    made = {}
    for name, subtitle, notes, story, sold in HOUSE:
        product = make_variant(price=inr(9_000_00), name=name, on_hand=5).product
        product.subtitle, product.attributes, product.story, product.units_sold = subtitle, {"note": notes}, story, sold
        product.category = woods if name == "Encre" else None
        product.save()
        refresh_projection(product.pk)
        made[name] = product
    update_search_words()
    return made


@pytest.fixture(autouse=True)
def _fresh_vocabulary(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the test before had changed was taken back, which no process ever sees happen."""
    monkeypatch.setattr("noirel.catalog.index.vocabulary._last_changes", None)


def found(client: Client, q: str, **more: Any) -> list[str]:
    answer = client.get("products", {"q": q, **more})
    assert answer.status_code == 200, answer.content
    return [card["name"] for card in answer.json()["results"]]


def test_results_are_ordered_by_step_and_then_by_popularity(client: Client) -> None:
    assert found(client, "rose") == ["Rose", "Rose Éteinte", "Deux Minutes", "Jardin"]


@pytest.mark.parametrize(
    ("q", "name"),
    [
        ("iris", "Encre"),
        ("IRIS", "Encre"),
        ("eteinte", "Rose Éteinte"),
        ("éteinte", "Rose Éteinte"),
        ("minute", "Deux Minutes"),  # the stem of minutes
        ("gardens", "Jardin"),
        ("birc", "Encre"),  # begun
        ("grasse", "Deux Minutes"),  # of the story
        ("resines", "Encre"),  # of the category
        ("the iris and the smoke", "Encre"),  # words that say nothing are not asked for
        ("rose-éteinte", "Rose Éteinte"),
        ("smoke’s iris", "Encre"),
    ],
)
def test_a_word_is_found_in_every_form(client: Client, q: str, name: str) -> None:
    assert found(client, q) == [name]


@pytest.mark.parametrize(
    ("q", "meant"),
    [
        ("patchuli", "patchouli"),
        ("pathcouli", "patchouli"),
        ("safron", "saffron"),
        ("rsoe", "rose"),  # two letters that changed their places
        ("rose etinte", "rose eteinte"),
    ],
)
def test_a_typo_is_corrected_and_reported(client: Client, q: str, meant: str) -> None:
    body = client.get("products", {"q": q}).json()
    assert body["did_you_mean"] == meant
    assert [card["slug"] for card in body["results"]] == [
        card["slug"] for card in client.get("products", {"q": meant}).json()["results"]
    ]
    assert body["total"] > 0


@pytest.mark.parametrize(
    ("q", "names", "ignored", "meant"),
    [
        ("saffron for men", ["Deux Minutes"], ["men"], None),
        ("women saffron perfume", ["Deux Minutes"], ["women", "perfume"], None),
        ("something with iris and smoke", ["Encre"], ["something"], None),
        ("safron for men", ["Deux Minutes"], ["men"], "saffron for"),
        ("iris gel", ["Encre"], ["gel"], None),  # not fig: a short word is one letter away from anything
        ("men perfume", [], [], None),  # nothing is left to search for
        ("rose iris", [], [], None),  # the shop has both, and nothing has them together
        ("rose", ["Rose", "Rose Éteinte", "Deux Minutes", "Jardin"], [], None),
    ],
)
def test_unknown_words_are_ignored_and_reported(
    client: Client, q: str, names: list[str], ignored: list[str], meant: str | None
) -> None:
    body = client.get("products", {"q": q}).json()
    assert ([card["name"] for card in body["results"]], body["ignored"], body["did_you_mean"]) == (names, ignored, meant)


def test_an_ignored_word_is_not_part_of_suggestions(client: Client) -> None:
    body = client.get("search/suggest", {"q": "fig leaf men"}).json()
    assert [product["name"] for product in body["products"]] == ["Jardin"]
    assert body["queries"][0] == "fig leaf"


def test_a_different_word_is_not_taken_for_a_typo(client: Client) -> None:
    """Two letters are forgiven only behind the same first letter."""
    make_variant(price=inr(100), name="Night turns")
    update_search_words()
    body = client.get("products?q=returns").json()
    assert (body["results"], body["did_you_mean"]) == ([], None)


def test_a_known_word_is_never_corrected(client: Client, house: dict[str, Product]) -> None:
    make_variant(price=inr(100), name="Rosa")
    update_search_words()
    body = client.get("products?q=rosa").json()
    assert (body["did_you_mean"], [card["name"] for card in body["results"]]) == (None, ["Rosa"])


def test_one_or_two_letters_match_the_beginning_of_names(client: Client) -> None:
    assert found(client, "ro") == ["Rose Éteinte", "Rose"]
    assert found(client, "e") == ["Encre"]


def test_all_words_must_match(client: Client) -> None:
    assert found(client, "rose patchouli") == ["Rose", "Rose Éteinte"]
    assert found(client, "rose iris") == []


def test_a_search_without_results_returns_the_nearest_products(client: Client) -> None:
    body = client.get("products?q=rose+iris").json()
    assert (body["total"], body["results"]) == (0, [])
    assert {card["name"] for card in body["nearest"]} == {"Rose", "Rose Éteinte", "Deux Minutes", "Jardin", "Encre"}
    body = client.get("products?q=xyzzyq").json()
    assert body["nearest"][0]["name"] == "Deux Minutes"  # what sells
    body = client.get("products?q=encre&min_price=99999999").json()
    assert [card["name"] for card in body["nearest"]] == ["Encre"]  # it is the filter that is in the way
    assert client.get("products?q=rose").json()["nearest"] == []


@pytest.mark.parametrize("q", ["&", "' | !", ":*", "<->", "a:b & (", "\\", "%", "   ", "the", "🌹", "x" * 300, "-1 'a'"])
def test_query_operators_have_no_effect(client: Client, q: str) -> None:
    assert client.get("products", {"q": q}).status_code == 200
    assert client.get("search/suggest", {"q": q}).status_code == 200


def test_names_in_other_scripts_are_found(client: Client) -> None:
    make_variant(price=inr(100), name="चंदन की लकड़ी")
    make_variant(price=inr(100), name="Ночь")
    assert found(client, "चंदन") == ["चंदन की लकड़ी"]
    assert found(client, "ночь") == ["Ночь"]


def test_an_sku_finds_its_product(client: Client, house: dict[str, Product]) -> None:
    assert found(client, house["Encre"].variants.get().sku) == ["Encre"]


def test_options_and_attributes_of_variants_are_searched_and_counted(client: Client, house: dict[str, Product]) -> None:
    Attribute.objects.create(name="size", label="Size", is_facet=True, is_of_variant=True)
    Attribute.objects.create(name="cap", label="Cap", is_facet=True, is_of_variant=True)
    variant = house["Jardin"].variants.get()
    variant.options, variant.attributes, variant.barcode = {"size": "Voyage"}, {"cap": "walnut"}, "3337875597203"
    variant.save()
    Variant.objects.create(
        product=house["Jardin"], sku="JARDIN-GRAND", title="Grand", options={"size": "Grand"}, price_amount=9, currency="INR"
    )
    refresh_projection(house["Jardin"].pk)
    for q in ("voyage", "grand", "walnut", "3337875597203"):
        assert found(client, q) == ["Jardin"]
    facets = {facet["name"]: facet["values"] for facet in client.get("products").json()["facets"]}
    assert [(value["value"], value["count"]) for value in facets["size"]] == [("Grand", 1), ("Voyage", 1)]
    assert facets["cap"] == [{"value": "walnut", "label": "Walnut", "count": 1}]
    assert [card["name"] for card in client.get("products?size=Grand&size=Petit&cap=walnut").json()["results"]] == ["Jardin"]
    assert client.get("products?size=Petit").json()["results"] == []


def test_hidden_products_are_neither_found_nor_suggested(client: Client, house: dict[str, Product]) -> None:
    Product.objects.filter(pk=house["Encre"].pk).update(status="draft")
    update_search_words()
    assert "Encre" not in found(client, "iris")
    body = client.get("search/suggest?q=irs").json()
    assert "Encre" not in {product["name"] for product in body["products"]}
    assert "iris" not in body["queries"]


def test_synonyms_work_in_all_directions(client: Client) -> None:
    Synonym.objects.create(terms=["oud", "agarwood", "aloes wood"])
    for q in ("oud", "agarwood", "aloes wood", "Oud saffron"):
        assert found(client, q) == ["Deux Minutes"]


def test_boosts_raise_and_lower_products(client: Client, house: dict[str, Product]) -> None:
    Boost.objects.create(product=house["Jardin"], query="rose", weight=5)
    assert found(client, "Rose")[0] == "Jardin"
    assert found(client, "rosemary") == ["Jardin"]
    Boost.objects.create(product=house["Rose Éteinte"], weight=-5)
    assert found(client, "rose")[-1] == "Rose Éteinte"


def test_a_search_can_be_filtered_sorted_and_paged(client: Client) -> None:
    assert found(client, "rose", note="patchouli") == ["Rose Éteinte"]
    assert found(client, "rose", sort="best_selling")[0] == "Deux Minutes"
    first = client.get("products?q=rose&limit=3").json()
    rest = client.get("products", {"q": "rose", "limit": 3, "cursor": first["next"]}).json()
    assert [card["name"] for card in first["results"] + rest["results"]] == found(client, "rose")
    assert first["total"] == rest["total"] == 4
    notes = next(facet for facet in first["facets"] if facet["name"] == "note")
    assert {value["value"]: value["count"] for value in notes["values"]} == {
        "rose": 1, "patchouli": 1, "agarwood": 1, "fig leaf": 1, "rosemary": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("q", "products", "categories", "queries"),
    [
        ("e", ["Encre"], [], ["eteinte", "encre"]),
        ("en", ["Encre"], [], ["encre"]),
        ("ros", ["Deux Minutes", "Rose Éteinte", "Jardin", "Rose"], [], ["rose", "rosemary", "roses"]),
        ("rose et", ["Rose Éteinte"], [], ["rose eteinte"]),
        ("woo", ["Encre"], [{"slug": "woods", "name": "Woods & Résines"}], ["woods"]),
        ("fig l", ["Jardin"], [], ["fig leaf"]),
        ("pathcouli", ["Rose Éteinte", "Rose"], [], ["patchouli"]),
        ("%", [], [], []),
    ],
)
def test_suggestions_while_typing(
    client: Client, q: str, products: list[str], categories: list[Any], queries: list[str]
) -> None:
    body = client.get("search/suggest", {"q": q}).json()
    assert body["categories"] == categories
    assert sorted(product["name"] for product in body["products"]) == sorted(products)
    assert set(queries) <= set(body["queries"])


def test_an_unknown_search_language_fails_the_migration(settings: Any) -> None:
    settings.SEARCH_LANGUAGE = "englisch"
    with pytest.raises(SystemCheckError, match=r"'englisch', which PostgreSQL does not know.*\n.*english, .*simple"):
        call_command("check", databases=["default"])
    settings.SEARCH_LANGUAGE = "french"
    call_command("check", databases=["default"])


@pytest.mark.parametrize("q", ["ⅲ" * 150, "ﷺ" * 200, "x" * 200, "iii " + "ⅲ" * 100])
def test_a_word_that_becomes_longer_when_folded_is_handled(client: Client, q: str) -> None:
    """PostgreSQL counts the mistakes of 255 letters at most."""
    make_variant(price=inr(100), name="Nuit iii")
    update_search_words()
    for path in ("products", "search/suggest"):
        assert client.get(path, {"q": q}).status_code == 200
