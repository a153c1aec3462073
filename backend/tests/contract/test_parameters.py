"""Parameters and bodies are taken as the OpenAPI document describes them, in every operation, and in no other form."""

import re
import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from noirel.backoffice.models import BulkChange, Import, StoredFile
from noirel.content.models import MediaAsset
from noirel.core.domain.money import inr
from noirel.core.http.json import dumps
from noirel.orders.tests.test_parcels import fulfil
from noirel.orders.tests.test_staff_orders import make_order
from tests.client import Client, with_key
from tests.contract.conformance import document
from tests.contract.routes import routes
from tests.make import make_drop, make_variant

pytestmark = pytest.mark.django_db

# Texts that are not a value of the type, though Python or DRF would read most of them as one.
NOT_BOOLEAN = ["1", "0", "True", "FALSE", "yes", "no", "on", "t", "null", " true", "true ", "ｔrue"]
NOT_INTEGER = ["１", "१", "01", "+1", "1.0", "1e1", "1_0", " 1", "1 ", "0x1", "true", "-0", "9" * 30]
# The same of what addresses name.
NOT_NATURAL = ["１", "१", "01", "007", "+1", "-1", "1.0", " 1", "1_0", "9223372036854775808", "9" * 19, "9" * 30]
NOT_UUID = [
    "0190A6B0-0000-7000-8000-000000000000", "0190a6b0000070008000000000000000", "{0190a6b0-0000-7000-8000-000000000000}",
    "urn:uuid:0190a6b0-0000-7000-8000-000000000000", "０190a6b0-0000-7000-8000-000000000000", "9" * 30, "1",
]  # fmt: skip


def _operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in sorted(document()["paths"].items()):
        for method, operation in methods.items():
            if isinstance(operation, dict) and "responses" in operation:
                yield method.upper(), path, operation


def _query_parameters() -> list[Any]:
    return [
        pytest.param(path, parameter["name"], parameter["schema"]["type"], id=f"{path}?{parameter['name']}")
        for method, path, operation in _operations()
        for parameter in operation.get("parameters", [])
        if method == "GET" and parameter["in"] == "query" and parameter["schema"].get("type") in {"boolean", "integer"}
    ]


QUERY_PARAMETERS = _query_parameters()


@pytest.fixture
def names(db: None) -> dict[str, str]:
    """What the addresses of lists name."""
    variant = make_variant(price=inr(12_500_00), on_hand=5)
    file = StoredFile.objects.create(name="products.csv")
    return {
        "sku": variant.sku,
        "slug": make_drop(variant).slug,
        "change_id": str(BulkChange.objects.create(act="unpublish").pk),
        "import_id": str(Import.objects.create(file=file, currency="INR", tax_rate_bps=1800).pk),
    }


def _filled(path: str, names: dict[str, str]) -> str:
    return path.removeprefix("/").format_map(names)


def test_the_document_names_the_booleans_and_integers_of_queries() -> None:
    found = {(param.values[0], param.values[1]): param.values[2] for param in QUERY_PARAMETERS}
    assert found["/admin/products", "in_stock"] == found["/products", "in_stock"] == "boolean"
    assert found["/products", "min_price"] == found["/admin/orders", "limit"] == "integer"


@pytest.mark.parametrize(("path", "name", "kind"), QUERY_PARAMETERS)
def test_a_query_parameter_is_taken_in_the_one_form_of_its_type(
    path: str, name: str, kind: str, staff: Client, names: dict[str, str]
) -> None:
    right, wrong = (["true", "false"], NOT_BOOLEAN) if kind == "boolean" else (["1", "10"], NOT_INTEGER)
    address = _filled(path, names)
    for text in right:
        answer = staff.get(f"{address}?{name}={text}")
        assert answer.status_code == 200, f"{text}: {answer.content!r}"
    for text in wrong:
        answer = staff.get(f"{address}?{name}={quote(text)}")
        assert answer.status_code == 400, f"{text!r} is taken"
        assert [error["field"] for error in answer.json()["errors"]] == [name], text


def test_a_form_field_is_taken_in_the_one_form_of_its_type(staff: Client) -> None:
    """Fields of a multipart form are text as well."""
    for name, wrong in (("dry_run", NOT_BOOLEAN), ("tax_rate_bps", NOT_INTEGER)):
        for text in (each for each in wrong if each == each.strip()):
            file = SimpleUploadedFile("products.csv", b"Handle,Title\nhat,Hat\n", content_type="text/csv")
            answer = staff.post("admin/imports", {"file": file, "currency": "INR", name: text}, format="multipart")
            assert (answer.status_code, [e["field"] for e in answer.json()["errors"]]) == (400, [name]), text


CONVERTED = sorted(route.address for route in routes() if re.search("<(natural|uuid):", route.address))


def test_no_route_has_the_lenient_converter_of_integers() -> None:
    assert not [route.address for route in routes() if "<int:" in route.address]


@pytest.mark.parametrize("route", CONVERTED)
def test_an_id_in_another_form_is_not_found(route: str, staff: Client) -> None:
    """404, and never the object whose id Python would read from it."""
    pieces = re.split("<([a-z]+):[a-z_]+>", route)
    kinds = pieces[1::2]
    right = {"natural": "1", "uuid": "0190a6b0-0000-7000-8000-000000000000"}
    for at, kind in enumerate(kinds):
        for wrong in {"natural": NOT_NATURAL, "uuid": NOT_UUID}.get(kind, []):
            values = [quote(wrong) if i == at else right.get(each, "products") for i, each in enumerate(kinds)]
            path = "/" + "".join(a + b for a, b in zip(pieces[::2], [*values, ""], strict=True))
            # A slug may end with the hyphen of `-1`: that is a sitemap of another kind, which isn't there, and only read.
            for method in ("GET",) if "slug" in kinds else ("GET", "POST", "PATCH", "DELETE"):
                answer = staff.generic_unchecked(method, path, b"{}", content_type="application/json")
                assert answer.status_code == 404, f"{method} {path}: {answer.status_code}"


def test_a_number_with_leading_zeros_is_no_second_address_of_a_row(staff: Client) -> None:
    number = staff.post("admin/search/synonyms", {"terms": ["oud", "agarwood"]}).json()["id"]
    for wrong in (f"0{number}", f"+{number}", f"{number}.0"):
        assert staff.delete(f"admin/search/synonyms/{wrong}").status_code == 404
    assert staff.delete(f"admin/search/synonyms/{2**63 - 1}").status_code == 404
    assert staff.delete(f"admin/search/synonyms/{number}").status_code == 204


EMPTY = "#/components/schemas/NothingIn"
WITHOUT_BODY = [
    path
    for method, path, operation in _operations()
    if method == "POST"
    and operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {}).get("$ref") == EMPTY
]


def test_the_document_names_the_operations_without_a_body() -> None:
    assert {"/orders/{number}/payment/retry", "/admin/orders/{number}/capture"} <= set(WITHOUT_BODY)


@pytest.mark.parametrize("path", WITHOUT_BODY)
def test_an_operation_without_a_body_refuses_one(path: str, staff: Client) -> None:
    address = re.sub(r"\{(\w+)\}", lambda m: "1" if m[1] == "event_id" else str(uuid.UUID(int=0)), path).removeprefix("/")
    for at, body in enumerate([b'{"lines": []}', b'{"": null}', b"[]", b"null", b'"x"', b"0", b"false"]):
        answer = staff.generic("POST", address, body, content_type="application/json", **with_key(f"wrong-{at}"))
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid"), f"{body!r}: {answer.content!r}"
        if body == b'{"lines": []}':
            assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [("lines", "unknown_field")]
    for at, body in enumerate([b"", b"{}"]):
        answer = staff.generic("POST", address, body, content_type="application/json", **with_key(f"right-{at}"))
        assert answer.status_code != 400, f"{body!r}: {answer.content!r}"


# A body that each operation with If-Match takes, where it needs one.
BODIES: dict[str, dict[str, Any]] = {
    "PATCH /admin/attributes/{name}": {"label": "Mood"},
    "PATCH /admin/categories/{slug}": {"name": "Evening"},
    "PATCH /admin/collections/{slug}": {"name": "Evening"},
    "PATCH /admin/drops/{slug}": {"name": "Minuit"},
    "PATCH /admin/inventory/{sku}/terms": {"policy": "backorder"},
    "PATCH /admin/media/{asset_id}": {"alt": "A black flacon"},
    "PATCH /admin/products/{slug}": {"name": "Encre"},
    "PATCH /admin/search/boosts/{number}": {"weight": 2},
    "PATCH /admin/search/synonyms/{number}": {"terms": ["oud", "agarwood"]},
    "PATCH /admin/variants/{sku}": {"title": "75 ml"},
    "POST /admin/drops/{slug}/postpone": {"opens_at": "2099-01-01T00:00:00Z", "closes_at": "2099-01-02T00:00:00Z"},
    "POST /admin/orders/{number}/cancel": {"reason": "asked"},
    "POST /admin/orders/{number}/notes": {"text": "A note"},
    "POST /admin/orders/{number}/refund": {"reason": "asked"},
    "POST /admin/orders/{number}/ship": {"carrier": "Blue Dart", "tracking_number": "BD1"},
    "POST /admin/shipments/{parcel_id}/ship": {"carrier": "Blue Dart", "tracking_number": "BD1"},
    "PUT /admin/products/{slug}/options": {"options": []},
}
WITH_IF_MATCH = [
    f"{method} {path}"
    for method, path, operation in _operations()
    if any((parameter["in"], parameter["name"]) == ("header", "If-Match") for parameter in operation.get("parameters", []))
]


def _made(staff: Client, path: str, body: dict[str, Any]) -> Any:
    answer = staff.post(path, body)
    assert answer.status_code in {200, 201}, answer.content
    return answer.json()


@pytest.fixture
def objects(staff: Client) -> dict[str, dict[str, str]]:
    """One object for every address with If-Match, by what comes before its parameter."""
    variant = make_variant(price=inr(12_500_00), on_hand=9)
    order = make_order((variant, 2))
    parcel = fulfil(staff, order, 1)["shipments"][0]
    synonym = _made(staff, "admin/search/synonyms", {"terms": ["rose", "gulab"]})
    boost = _made(staff, "admin/search/boosts", {"product": variant.product.slug, "query": "rose", "weight": 1.5})
    return {
        "attributes": {"name": _made(staff, "admin/attributes", {"name": "mood", "label": "Mood", "type": "text"})["name"]},
        "categories": {"slug": _made(staff, "admin/categories", {"name": "Evening"})["slug"]},
        "collections": {"slug": _made(staff, "admin/collections", {"name": "Evening"})["slug"]},
        "drops": {"slug": make_drop(variant, announced=False).slug},
        "inventory": {"sku": variant.sku},
        "media": {"asset_id": str(MediaAsset.objects.create(source="test", alt="").pk)},
        "orders": {"number": order.number},
        "products": {"slug": variant.product.slug},
        "boosts": {"number": str(boost["id"])},
        "synonyms": {"number": str(synonym["id"])},
        "shipments": {"parcel_id": parcel["id"]},
        "variants": {"sku": variant.sku},
    }


def test_a_stale_if_match_is_answered_412_by_every_operation_that_declares_it(
    staff: Client, objects: dict[str, dict[str, str]]
) -> None:
    """None is left out: each of them can be given an object here, and refuses before it looks at the object's state."""
    assert len(WITH_IF_MATCH) > 30
    wrong = []
    for operation in WITH_IF_MATCH:
        method, _, path = operation.partition(" ")
        kind = path.partition("/{")[0].rpartition("/")[2]
        address = _filled(path, objects[kind])
        for at, stale in enumerate(['"stale"', 'W/"stale"', '"stale", "older"', "stale", ""]):
            answer = staff.generic(
                method, address, dumps(BODIES.get(operation, {})), content_type="application/json", HTTP_IF_MATCH=stale,
                **with_key(f"{operation} {at}"),
            )  # fmt: skip
            if answer.status_code != 412 or answer.json()["code"] != "precondition_failed":
                wrong.append(f"{operation} with {stale!r}: {answer.status_code} {answer.content[:200]!r}")
    assert not wrong, "\n".join(wrong)
