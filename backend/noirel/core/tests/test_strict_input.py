"""Input must have the type that the schema declares; no value is converted from another type."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import get_resolver
from rest_framework import serializers

from noirel.core.domain.money import inr
from noirel.core.http import In, TextIn
from tests.client import Client
from tests.make import make_variant

# For each kind of field, what DRF would convert and the schema does not allow.
CONVERTED: list[tuple[type[serializers.Field[Any, Any, Any, Any]], list[Any]]] = [
    (serializers.BooleanField, ["true", "false", "on", "1", 1, 0, ""]),
    (serializers.IntegerField, ["12", "１２", "१२", 12.0, True, " 12"]),
    (serializers.DecimalField, ["१", "1e3", "NaN", True]),
    (serializers.FloatField, ["1.5", "nan", True]),
    (serializers.DateTimeField, ["2026-03-01", "2026-03-01T09:00", "２０２６-03-01T09:00:00Z", 1772355600]),
    (serializers.DateField, ["２０２６-03-01", "20260301", 20260301, "2026-03-01T00:00:00Z"]),
    (serializers.UUIDField, [12, "0190a6b0000070008000000000000000", "urn:uuid:0190a6b0-0000-7000-8000-000000000000"]),
    (serializers.ChoiceField, [True, 1, ["x"]]),
    (serializers.CharField, [12, 1.5, True]),
]  # fmt: skip


def _subclasses(of: type[In]) -> Iterator[type[In]]:
    for each in of.__subclasses__():
        yield each
        yield from _subclasses(each)


def _serializers() -> list[type[In]]:
    assert get_resolver().url_patterns  # imports every module with a serializer
    return sorted(
        {each for each in _subclasses(In) if not issubclass(each, TextIn)},
        key=lambda each: (each.__qualname__, each.__module__),
    )


def _converted(field: Any) -> list[Any]:
    if isinstance(field, serializers.ListField):
        return [[value] for value in _converted(field.child)]
    if isinstance(field, serializers.DictField):
        return [{"x": value} for value in _converted(field.child)]
    return next((values for kind, values in CONVERTED if isinstance(field, kind)), [])


def _fields() -> list[Any]:
    return [
        pytest.param(each, name, id=f"{each.__qualname__}.{name}")
        for each in _serializers()
        for name, field in each().fields.items()
        if _converted(field)
    ]


@pytest.mark.parametrize(("serializer", "name"), _fields())
def test_no_field_accepts_a_value_of_another_type(serializer: type[In], name: str) -> None:
    for value in _converted(serializer().fields[name]):
        shape = serializer(data={name: value}, partial=True)
        assert not shape.is_valid(), f"{value!r} is taken"
        assert name in shape.errors, f"{value!r} is taken"


@pytest.mark.django_db
def test_a_wrong_type_is_reported_for_its_field(client: Client) -> None:
    sku = make_variant(price=inr(100), on_hand=5).sku
    answer = client.post("carts", {"lines": [{"sku": sku, "quantity": "1"}]})
    assert answer.status_code == 400
    assert answer.json()["errors"] == [
        {"field": "lines.0.quantity", "code": "invalid", "message": "A whole number is required."}
    ]
    assert client.post("carts", {"lines": [{"sku": 12, "quantity": 1}]}).status_code == 400
    assert client.post("carts", {"lines": [{"sku": sku, "quantity": 1}]}).status_code == 201


@pytest.mark.django_db
def test_numbers_in_a_query_must_be_ascii(staff: Client) -> None:
    assert staff.get("admin/products?in_stock=true").status_code == 200
    assert staff.get("admin/products?in_stock=perhaps").status_code == 400
    assert staff.get("admin/products?limit=５").status_code == 400


@pytest.mark.django_db
@pytest.mark.parametrize("day", ["20260301", "2026-W09-7", "२०२६-03-01", "2026-3-1", "2026-02-30"])
@pytest.mark.parametrize(
    "path",
    ["admin/analytics/summary?to={}", "admin/orders?activity=sales&to=2026-11-01&from={}", "admin/orders?placed_after={}"],
)
def test_a_date_in_a_query_must_be_in_iso_format(staff: Client, path: str, day: str) -> None:
    refused = staff.get(path.format(day))
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid")
    assert staff.get(path.format("2026-10-01")).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize(
    "instant", ["2026-03-01T9:00", "२०२६-03-01T09:00:00Z", "20260301T090000Z", "2026-W09-7T09:00Z", "1772355600"]
)
def test_an_instant_in_a_query_must_be_in_iso_format_with_ascii_digits(staff: Client, instant: str) -> None:
    assert staff.get(f"admin/orders?placed_after={instant}").status_code == 400
    assert staff.get("admin/orders?placed_after=2026-03-01T09:00:00Z").status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("value", ["1", "True", "yes", "null"])
def test_a_boolean_in_a_query_must_be_true_or_false(staff: Client, value: str) -> None:
    for path in ("admin/inventory?low={}", "admin/reconciliation/settlements?unmatched={}"):
        assert staff.get(path.format(value)).status_code == 400, path
