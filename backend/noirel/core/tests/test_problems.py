"""Every error is a problem+json response, including those of Django itself."""

import json
import logging
from typing import Any

import pytest
from django.core.exceptions import SuspiciousOperation
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from django.urls import path
from rest_framework import serializers
from rest_framework.response import Response

from noirel.config.logging import JSONFormatter
from noirel.core.http import APIView, In, MoneyField, Request
from tests.client import Client


class LineIn(In):
    sku = serializers.CharField()
    price = MoneyField(required=False)


class ShapeIn(In):
    lines = LineIn(many=True, required=False)
    price = MoneyField(required=False)


class Shape(APIView):
    def post(self, request: Request) -> Response:
        return Response(ShapeIn.checked(request.data))


class Broken(APIView):
    def get(self, request: Request) -> Response:
        raise ZeroDivisionError("a secret")


def plain_broken(request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError("a secret")


def suspicious(request: HttpRequest) -> HttpResponse:
    raise SuspiciousOperation


class Unstorable(APIView):
    """Passes a value to PostgreSQL that it can't store, without a check in Python."""

    def get(self, request: Request) -> Response:
        with connection.cursor() as cursor:
            cursor.execute("SELECT %s::text::integer", [request.query_params["value"]])
            return Response({"value": cursor.fetchone()[0]})


urlpatterns = [
    path("unholdable", Unstorable.as_view()),
    path("shape", Shape.as_view()), path("broken", Broken.as_view()), path("plain", plain_broken), path("odd", suspicious),
]  # fmt: skip
OWN = override_settings(ROOT_URLCONF=__name__)


def _is_problem(answer: Any, status: int, code: str) -> dict[str, Any]:
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    body: dict[str, Any] = answer.json()
    assert (body["status"], body["code"], body["type"]) == (status, code, f"urn:noirel:problem:{code}")
    assert body["title"]
    assert body["request_id"] == answer["X-Request-ID"]
    assert answer["Cache-Control"] == "no-store"
    return body


@pytest.mark.parametrize("where", ["/api/v1/nothing", "/nothing", "/api/v1/me/", "/admin/nope"])
def test_an_unknown_address_is_a_problem(client: Client, where: str) -> None:
    _is_problem(client.get(where), 404, "not_found")


@pytest.mark.parametrize("debug", [False, True])
def test_an_unexpected_error_discloses_nothing(client: Client, debug: bool, caplog: pytest.LogCaptureFixture) -> None:
    client.raise_request_exception = False
    with OWN, override_settings(DEBUG=debug):
        for where in ("/broken", "/plain"):
            answer = client.get(where)
            _is_problem(answer, 500, "server_error")
            assert b"secret" not in answer.content
    assert sum("unexpected error" in record.message for record in caplog.records) == 2


@OWN
def test_a_suspicious_request_is_a_problem(client: Client) -> None:
    client.raise_request_exception = False
    answer = client.get("/odd")
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")


@OWN
def test_the_wrong_method_is_a_problem(client: Client) -> None:
    answer = client.get("/shape")
    _is_problem(answer, 405, "method_not_allowed")
    assert "POST" in answer["Allow"]


@OWN
@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        (b"{not json", "application/json", 400, "malformed"),
        (b"[1,2,NaN]", "application/json", 400, "malformed"),
        (b"\xff\xfe", "application/json", 400, "malformed"),
        (b"<x/>", "application/xml", 415, "unsupported_media_type"),
        (b"[]", "application/json", 400, "invalid"),
        (b'"' + b"x" * 1_100_000 + b'"', "application/json", 413, "body_too_large"),
    ],
)
def test_an_unreadable_body_is_a_problem(client: Client, body: bytes, kind: str, status: int, code: str) -> None:
    _is_problem(client.generic("POST", "/shape", body, content_type=kind), status, code)


@OWN
def test_a_nul_in_the_url_is_refused(client: Client) -> None:
    _is_problem(client.post("/shape?q=%00", {}), 400, "invalid")


@OWN
def test_field_errors_have_paths_and_unknown_fields_are_refused(client: Client) -> None:
    answer = client.post("/shape", {"lines": [{"sku": "a"}, {"skv": "b"}], "colour": 1})
    fields = {(error["field"], error["code"]) for error in _is_problem(answer, 400, "invalid")["errors"]}
    assert fields == {("lines.1.sku", "required"), ("lines.1.skv", "unknown_field"), ("colour", "unknown_field")}


@OWN
@pytest.mark.parametrize(
    "price",
    [1.5, 100, "100", {"amount": 1.0, "currency": "INR"}, {"amount": "1", "currency": "INR"},
     {"amount": True, "currency": "INR"},
     {"amount": 1, "currency": "inr"}, {"amount": 1}, {"amount": -1, "currency": "INR"}, {"amount": 10**30, "currency": "INR"},
     {"amount": 1, "currency": "INR", "x": 1}],
)  # fmt: skip
def test_malformed_money_is_refused(client: Client, price: Any) -> None:
    body = json.dumps({"price": price}).encode()
    answer = client.generic("POST", "/shape", body, content_type="application/json")
    assert answer.status_code == 400


@OWN
def test_money_is_unchanged_by_a_round_trip(client: Client) -> None:
    price = {"amount": 1_250_000, "currency": "INR"}
    assert client.post("/shape", {"price": price}).json() == {"price": price}


def test_a_request_id_is_accepted_or_generated(client: Client) -> None:
    assert client.get("/healthz", HTTP_X_REQUEST_ID="from-the-front-1")["X-Request-ID"] == "from-the-front-1"
    made = client.get("/healthz", HTTP_X_REQUEST_ID="forged\nline")["X-Request-ID"]
    assert len(made) == 32


def test_a_log_line_is_one_json_object() -> None:
    record = logging.makeLogRecord({"msg": "paid %s\nnext", "args": ("NE-1",), "levelname": "INFO", "order": "NE-1"})
    line = JSONFormatter().format(record)
    assert "\n" not in line
    assert json.loads(line)["message"] == "paid NE-1\nnext"
    assert json.loads(line)["order"] == "NE-1"


@pytest.mark.django_db
def test_the_probes_respond(client: Client) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    ready = client.get("/readyz")
    assert ready.status_code == 200
    checks = ready.json()["checks"]
    assert checks == {"database": "ok", "migrations": "ok", "cache": "not configured", "worker": checks["worker"]}


@OWN
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("value", ["99999999999999999999", "x", "-2147483649", "1e400"])
def test_values_that_postgresql_cannot_store_are_a_bad_request(client: Client, value: str) -> None:
    body = _is_problem(client.get(f"/unholdable?value={value}"), 400, "malformed")
    assert value not in json.dumps(body)
    # The connection must not be left in a failed transaction.
    assert client.get("/unholdable?value=7").json() == {"value": 7}
