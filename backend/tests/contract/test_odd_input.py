"""Whatever comes in, an answer comes out: never a 500, and every refusal is a problem."""

from typing import Any
from urllib.parse import quote

import pytest

from noirel.core.domain.money import inr
from noirel.core.http.problems import MEDIA_TYPE
from tests.client import Client, with_key
from tests.contract.test_every_address import ADDRESSES
from tests.make import make_variant

pytestmark = pytest.mark.django_db
BODIES: list[bytes] = [
    b"", b"null", b"[]", b'"x"', b"1e400", b"{", b"\xff", b'{"quantity": 1e30, "sku": "\\u0000"}',
    b'{"sku": null, "quantity": -1, "delta": 99999999999999999999, "reason": [], "price": {}, "lines": [[]], "cart": 7}',
    b'{"email": "a@b.example\\u0000", "password": {}, "token": "%00", "shipping_address": [], "expected_total": "1"}',
]  # fmt: skip
QUERIES = [
    "q=%00", "limit=0", "limit=9999999999999999999999", "cursor=W10", "cursor=%F0%9F%8C%99", "sort=-nothing", "min_price=1e9",
    "min_price=99999999999999999999", "in_stock=perhaps", "placed_after=never", "from=2026-02-30", "token=%FF", "country=%00",
    f"q={quote(chr(39) * 300)}", "status=nope&view=nope&category=nope&collection=nope&family=%27", "badge=x&page=-1",
]  # fmt: skip
ODD_NAMES = {"uuid": ["0190a6b0-0000-7000-8000-000000000000"], "natural": ["99999999999999999999"]}
ODD_TEXTS = ["x", "%00", "a" * 300, "%27--"]


def _named(where: str, names: dict[str, str]) -> str:
    """The address of something that is there, as far as names knows it."""
    for part in where.split("/"):
        if part.startswith("<"):
            kind, _, name = part.strip("<>").partition(":")
            where = where.replace(part, names.get(name, ODD_NAMES.get(kind, ODD_TEXTS)[0]))
    return where


def _oddly_named(where: str) -> list[str]:
    paths = [where]
    for part in where.split("/"):
        if part.startswith("<"):
            kind = part.strip("<>").partition(":")[0]
            paths = [path.replace(part, name) for path in paths for name in ODD_NAMES.get(kind, ODD_TEXTS)]
    return paths


def _is_an_answer(answer: Any, what: str) -> None:
    # 503: the gateway isn't there in these tests, and saying so is an answer.
    assert answer.status_code < 500 or answer.status_code == 503, f"{what}: {answer.status_code} {answer.content[:300]!r}"
    if answer.status_code >= 400:
        assert answer["Content-Type"] == MEDIA_TYPE, what
        assert {"type", "title", "status", "detail", "code"} <= set(answer.json()), what


@pytest.fixture
def names(client: Client) -> dict[str, str]:
    """Something that is there for every kind of name."""
    variant = make_variant(price=inr(12_500_00), on_hand=5)
    cart = client.post("carts", {"lines": [{"sku": variant.sku, "quantity": 1}]}).json()
    return {"sku": variant.sku, "slug": variant.product.slug, "cart_id": cart["id"], "line_id": cart["lines"][0]["id"]}


@pytest.mark.parametrize("where", sorted(ADDRESSES))
def test_odd_input_is_refused_and_breaks_nothing(where: str, staff: Client, names: dict[str, str]) -> None:
    asker = Client() if where.startswith("cart") else staff
    path = _named(where, names)
    for method in ADDRESSES[where]().allowed_methods:
        if method == "GET":
            for query in QUERIES:
                _is_an_answer(asker.get(f"{path}?{query}"), f"GET {path}?{query}")
        elif method not in {"OPTIONS", "DELETE"}:
            for number, body in enumerate(BODIES):
                extra = with_key(f"{method}-{number}")
                answer = asker.generic(method, path, body, content_type="application/json", **extra)
                _is_an_answer(answer, f"{method} {path} {body!r}")


@pytest.mark.parametrize("where", sorted(where for where in ADDRESSES if "<" in where))
def test_an_odd_name_is_not_found_and_breaks_nothing(where: str, staff: Client, client: Client) -> None:
    methods = [method for method in ADDRESSES[where]().allowed_methods if method != "OPTIONS"]
    for path in _oddly_named(where):
        for method in methods:
            _is_an_answer(staff.generic(method, path, b"{}", content_type="application/json"), f"{method} {path}")
        _is_an_answer(client.generic(methods[0], path), f"{methods[0]} {path} as a guest")
