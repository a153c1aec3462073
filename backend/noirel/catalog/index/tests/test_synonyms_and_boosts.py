"""Staff manage synonyms and boosts, and preview searches."""

from collections.abc import Callable

import pytest

from noirel.core.domain.money import inr
from noirel.core.models import AuditEntry
from tests.client import Client
from tests.make import make_variant

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _house() -> None:
    for name in ("Oud", "Agar"):
        make_variant(price=inr(100), name=name)


def names(client: Client, q: str) -> list[str]:
    return [card["name"] for card in client.get("products", {"q": q}).json()["results"]]


def test_synonyms_are_created_changed_and_deleted(staff: Client, client: Client) -> None:
    made = staff.post("admin/search/synonyms", {"terms": ["oud", " agar  wood", "agar"]})
    assert (made.status_code, made.json()["terms"]) == (201, ["oud", "agar wood", "agar"])
    assert sorted(names(client, "oud")) == ["Agar", "Oud"]
    where = f"admin/search/synonyms/{made.json()['id']}"
    assert staff.patch(where, {"terms": ["oud", "agarwood"]}, headers={"If-Match": made["ETag"]}).status_code == 200
    assert staff.patch(where, {"terms": ["oud", "other"]}, headers={"If-Match": made["ETag"]}).status_code == 412
    assert names(client, "oud") == ["Oud"]
    assert staff.get("admin/search/synonyms").json()["results"][0]["terms"] == ["oud", "agarwood"]
    assert (staff.delete(where).status_code, staff.delete(where).status_code) == (204, 404)
    assert [entry.action for entry in AuditEntry.objects.filter(target__startswith="synonym:").order_by("pk")] == [
        "search.create_synonyms", "search.edit_synonyms", "search.delete_synonyms",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        (["oud"], "terms"),
        (["oud", "!"], "terms.1"),
        (["Oud", "oüd"], "terms.1"),
        (["oud", "iris"], "terms.1"),  # in another group
        (["oud", "a b c d e f g h i"], "terms.1"),
    ],
)
def test_useless_synonyms_are_refused_with_a_field_error(staff: Client, terms: list[str], field: str) -> None:
    assert staff.post("admin/search/synonyms", {"terms": ["iris", "orris"]}).status_code == 201
    answer = staff.post("admin/search/synonyms", {"terms": terms})
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_a_boost_raises_a_product_and_the_preview_shows_it(staff: Client, client: Client) -> None:
    slug = client.get("products?q=agar").json()["results"][0]["slug"]
    assert staff.post("admin/search/synonyms", {"terms": ["oud", "agar"]}).status_code == 201
    assert names(client, "oud") == ["Oud", "Agar"]
    made = staff.post("admin/search/boosts", {"product": slug, "query": "OUD!", "weight": "2.5"})
    assert (made.status_code, made.json()["query"], made.json()["weight"]) == (201, "oud", 2.5)
    assert staff.post("admin/search/boosts", {"product": slug, "query": "oud", "weight": 1}).status_code == 400
    assert names(client, "oud") == ["Agar", "Oud"]
    body = staff.get("admin/search/preview?q=oud").json()
    assert (body["total"], body["did_you_mean"]) == (2, None)
    assert [(hit["name"], hit["why"], hit["boost"], hit["score"]) for hit in body["hits"]] == [
        ("Agar", "in_name", 2.5, 4.5), ("Oud", "name", 0, 4.0),
    ]  # fmt: skip
    where = f"admin/search/boosts/{made.json()['id']}"
    assert staff.patch(where, {"weight": "-1"}).json()["weight"] == -1
    assert names(client, "oud") == ["Oud", "Agar"]
    assert staff.delete(where).status_code == 204
    assert staff.get("admin/search/boosts").json()["total"] == 0


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"product": "nothing", "weight": 1}, "product"),
        ({"product": "oud", "weight": 6}, "weight"),
        ({"product": "oud", "weight": 1, "query": "!!"}, "query"),
    ],
)
def test_an_invalid_boost_is_refused_with_a_field_error(
    staff: Client, client: Client, fields: dict[str, object], field: str
) -> None:
    slug = client.get("products?q=oud").json()["results"][0]["slug"]
    answer = staff.post("admin/search/boosts", fields | ({"product": slug} if fields["product"] == "oud" else {}))
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_a_packer_may_read_but_not_change(staff_as: Callable[[str], Client]) -> None:
    packer = staff_as("packer")
    assert packer.get("admin/search/preview?q=oud").status_code == 200
    assert packer.post("admin/search/synonyms", {"terms": ["a", "b"]}).status_code == 403


def test_a_stale_if_match_neither_changes_nor_deletes(staff: Client) -> None:
    product = make_variant(price=inr(100)).product.slug
    synonyms = staff.post("admin/search/synonyms", {"terms": ["oud", "agarwood"]})
    boost = staff.post("admin/search/boosts", {"product": product, "weight": "1"})
    for at, body, change in (
        (f"admin/search/synonyms/{synonyms.json()['id']}", synonyms, {"terms": ["oud", "aloes wood"]}),
        (f"admin/search/boosts/{boost.json()['id']}", boost, {"weight": "2"}),
    ):
        now = staff.patch(at, change, HTTP_IF_MATCH=body["ETag"])
        assert now.status_code == 200
        assert staff.patch(at, change, HTTP_IF_MATCH=body["ETag"]).status_code == 412
        assert staff.delete(at, HTTP_IF_MATCH=body["ETag"]).status_code == 412
        assert staff.delete(at, HTTP_IF_MATCH=now["ETag"]).status_code == 204
