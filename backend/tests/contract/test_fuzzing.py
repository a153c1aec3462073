"""Schemathesis calls every operation as a guest, a shopper and the owner, with data that fits the document or doesn't.

Each example is sent by all three and then undone. `make test` takes a few examples of each operation, always the same ones;
`make fuzz` takes many new ones (FUZZ_EXAMPLES).
"""

import copy
import os
from io import BytesIO
from typing import Any

import pytest
import requests
import schemathesis
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from requests.adapters import BaseAdapter
from rest_framework.test import APIClient
from schemathesis import GenerationMode
from schemathesis.checks import load_all_checks, not_a_server_error
from schemathesis.specs.openapi import checks
from urllib3 import HTTPResponse

from noirel.core.domain.money import inr
from tests.client import Client, signed_in
from tests.contract import conformance
from tests.make import make_staff, make_user, make_variant

ORIGIN = "http://testserver"
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "4"))
CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
]
# A partner that isn't there in these tests (the payment gateway), which the document says can happen.
UNAVAILABLE = {502, 503}


def _document() -> dict[str, Any]:
    """The document without its `default` responses: only what an operation names is expected of it."""
    document = copy.deepcopy(conformance.document())
    for operations in document["paths"].values():
        for operation in operations.values():
            if isinstance(operation, dict) and "responses" in operation:
                operation["responses"].pop("default", None)
    document["servers"] = [{"url": f"{ORIGIN}/api/v1"}]
    return document


load_all_checks()
SCHEMA = schemathesis.openapi.from_dict(_document())
# Each session brings its own credentials; who may do what without them is in routes.csv.
SCHEMA.config.generation.update(with_security_parameters=False)
FOUND: list[Any] = list(SCHEMA.get_all_operations())  # `ok` raises for one that schemathesis can't read
OPERATIONS: dict[str, Any] = {operation.ok().label: operation.ok() for operation in FOUND}


class InProcess(BaseAdapter):
    """Sends a request of `requests` to Django, in this process and transaction."""

    def __init__(self, client: APIClient) -> None:
        super().__init__()
        self.client = client

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        body = request.body or b""
        headers: dict[str, Any] = {
            f"HTTP_{name.upper().replace('-', '_')}": value
            for name, value in request.headers.items()
            if name.lower() not in {"content-type", "content-length", "cookie", "host", "transfer-encoding"}
        }
        self.client.cookies.clear()
        answer: Any = self.client.generic(
            request.method or "",
            (request.url or "").removeprefix(ORIGIN),
            body,  # type: ignore[arg-type]  # bytes are taken as they are
            content_type=request.headers.get("Content-Type", ""),
            **headers,
        )
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        raw = HTTPResponse(
            body=BytesIO(content), headers=dict(answer.items()), status=answer.status_code, preload_content=False
        )
        response = requests.Response()
        response.status_code, response.headers, response.raw = answer.status_code, raw.headers, raw  # type: ignore[assignment]
        response.request, response.url, response.reason = request, request.url or "", answer.reason_phrase
        response.encoding = "utf-8"
        response._content = content
        return response

    def close(self) -> None:
        """Nothing is open."""


def _session(client: APIClient) -> requests.Session:
    session = requests.Session()
    session.mount(ORIGIN, InProcess(client))
    return session


@pytest.fixture
def sessions(db: None) -> dict[str, requests.Session]:
    return {
        "guest": _session(Client()),
        "shopper": _session(signed_in(make_user())),
        "owner": _session(signed_in(make_staff())),
    }


@pytest.fixture
def names(db: None) -> dict[str, str]:
    """What there is, by the name of the parameter that asks for it."""
    variant = make_variant(price=inr(12_500_00), on_hand=5)
    cart = Client().post("carts", {"lines": [{"sku": variant.sku, "quantity": 1}]}).json()
    return {
        "sku": variant.sku,
        "slug": variant.product.slug,
        "cart_id": cart["id"],
        "line_id": cart["lines"][0]["id"],
        "country": "IN",
        "postcode": "560001",
    }


def _takes_anything(operation: Any) -> bool:
    return any([operation.path_parameters, operation.query, operation.headers, operation.cookies, operation.body])


CASES = [
    pytest.param(label, mode, id=f"{label} {words}")
    for label, operation in sorted(OPERATIONS.items())
    for mode, words in [(GenerationMode.POSITIVE, "fitting"), (GenerationMode.NEGATIVE, "unfitting")]
    if mode.is_positive or _takes_anything(operation)
]


@pytest.mark.parametrize(("label", "mode"), CASES)
def test_every_answer_is_described_and_what_does_not_fit_is_refused(
    label: str, mode: GenerationMode, sessions: dict[str, requests.Session], names: dict[str, str]
) -> None:
    operation = OPERATIONS[label]

    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, derandomize="FUZZ_EXAMPLES" not in os.environ,
        phases=[Phase.generate], suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy(generation_mode=mode), is_there=st.booleans())
    def sent_by_all(case: Any, is_there: bool) -> None:
        if is_there and mode.is_positive:
            for name in case.path_parameters or {}:
                case.path_parameters[name] = names.get(name, case.path_parameters[name])
        for session in sessions.values():
            with transaction.atomic():
                response = case.call(base_url=f"{ORIGIN}/api/v1", session=session)
                transaction.set_rollback(True)
            expected = [check for check in CHECKS if check is not not_a_server_error or response.status_code not in UNAVAILABLE]
            case.validate_response(response, checks=expected)

    try:
        sent_by_all()
    except Unsatisfiable:
        if mode.is_positive:
            raise
        pytest.skip("Any text fits: there is nothing to refuse.")
