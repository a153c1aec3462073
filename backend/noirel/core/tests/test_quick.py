"""The short way and Django's long one give the same answer."""

import json
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from noirel.catalog.models import Attribute, Product
from noirel.config.wsgi import django
from noirel.core.cache import responses
from noirel.core.domain.money import inr
from noirel.core.http.public import cache_key
from noirel.fastpath.eligibility import Environ
from noirel.fastpath.wsgi import FastPath
from tests.client import Client
from tests.make import make_variant

# Committed rows: in a transaction nothing is kept.
pytestmark = pytest.mark.django_db(transaction=True)
# Each request has an id of its own, and DRF says which methods there are.
_ITS_OWN = {"Allow", "X-Request-ID"}


class Answered:
    """What the WSGI application says to a GET, before any server adds to it."""

    def __init__(self, path: str, **headers: str) -> None:
        where, _, query = path.partition("?")
        environ = RequestFactory().get(where).environ | {"QUERY_STRING": query, "HTTP_HOST": "localhost:8000"}
        environ["PATH_INFO"] = environ["PATH_INFO"].encode().decode("latin-1")  # as servers give it
        environ |= {
            name if name in {"CONTENT_TYPE", "CONTENT_LENGTH"} else "HTTP_" + name.upper(): value
            for name, value in headers.items()
        }
        told: list[Any] = []
        self.is_short = True

        def long_way(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
            self.is_short = False
            return django(environ, start_response)

        answer = FastPath(long_way)(environ, lambda status, given, *_: told.extend([status, dict(given)]))
        self.body = b"".join(answer)
        self.status, self.headers = int(told[0][:3]), told[1]


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    responses.response_cache.clear()


@pytest.fixture
def encre() -> Product:
    product = make_variant(price=inr(14_500_00), on_hand=3, name="Encre").product
    for number in range(3):
        make_variant(price=inr(number * 100_00), name=f"Soir {number}")
    return product


@pytest.mark.parametrize(
    "path", ["products", "products?limit=2&sort=price", "products/{}", "search/suggest?q=enc", "categories", "collections"]
)
def test_both_ways_say_the_same_with_the_same_headers(path: str, encre: Product, client: Client) -> None:
    path = "/api/v1/" + path.format(encre.slug)
    short = Answered(path)
    long = client.get(path)
    assert short.is_short
    assert (short.status, short.body) == (long.status_code, long.content)
    assert {k: v for k, v in short.headers.items() if k not in _ITS_OWN} == {
        k: v for k, v in long.headers.items() if k not in _ITS_OWN
    }
    again = Answered(path, if_none_match=f'"other", W/{short.headers["ETag"]}')
    long_again = client.get(path, HTTP_IF_NONE_MATCH=short.headers["ETag"])
    assert (again.status, again.body, again.is_short) == (304, b"", True)
    assert (long_again.status_code, long_again.content) == (304, b"")
    assert {*again.headers} - _ITS_OWN == {"ETag", "Cache-Control", "Vary", "Surrogate-Key"}
    assert {k: long_again[k] for k in ("ETag", "Vary")} == {k: again.headers[k] for k in ("ETag", "Vary")}


def test_head_is_told_the_headers_alone(encre: Product) -> None:
    """Gunicorn writes a warning for each body that it is given beside them."""
    told: list[Any] = []
    environ = RequestFactory().head(f"/api/v1/products/{encre.slug}").environ | {"HTTP_HOST": "localhost:8000"}
    assert b"".join(FastPath(django)(environ, lambda status, given, *_: told.extend([status, dict(given)]))) == b""
    read = Answered(f"/api/v1/products/{encre.slug}")
    assert told[0] == "200 OK"
    assert {name: told[1][name] for name in ("ETag", "Content-Length")} == {
        "ETag": read.headers["ETag"], "Content-Length": str(len(read.body))
    }  # fmt: skip


def test_a_slug_of_any_letters_goes_out_in_a_header_that_servers_take(encre: Product, client: Client) -> None:
    """Gunicorn says 500 to a header beyond Latin-1: to the product's own page, and to each that it stands beside."""
    Product.objects.filter(pk=encre.pk).update(slug="इत्र")
    beside = Product.objects.exclude(pk=encre.pk).values_list("slug", flat=True)[0]
    for slug in ("इत्र", beside):
        path = f"/api/v1/products/{quote(slug)}"
        short, long = Answered(path), client.get(path)
        assert (short.is_short, short.status, long.status_code) == (True, 200, 200)
        assert short.headers["Surrogate-Key"] == long["Surrogate-Key"]
        assert "product:%E0%A4%87%E0%A4%A4%E0%A5%8D%E0%A4%B0" in short.headers["Surrogate-Key"].split(" ")


def test_a_question_mark_in_a_path_is_not_the_beginning_of_a_query() -> None:
    assert cache_key("/api/v1/products", "a=b?") != cache_key("/api/v1/products?a=b", "")
    assert cache_key("/api/v1/products/a", "b?") != cache_key("/api/v1/products/a?b", "")


def test_no_address_is_answered_with_what_was_kept_for_another(encre: Product, client: Client) -> None:
    """`Ãª` is what the bytes of `ê` look like to a server."""
    other = Product.objects.exclude(pk=encre.pk)[0]
    for product, slug in ((encre, "ê"), (other, "Ãª")):
        Product.objects.filter(pk=product.pk).update(slug=slug)
    for first in (client.get, Answered):
        responses.response_cache.clear()
        first(f"/api/v1/products/{quote('Ãª')}")
        assert Answered(f"/api/v1/products/{quote('ê')}").body == client.get(f"/api/v1/products/{quote('ê')}").content
        assert b'"name":"Encre"' in Answered(f"/api/v1/products/{quote('ê')}").body


def test_an_attribute_may_be_called_format(encre: Product, client: Client) -> None:
    """DRF takes `?format=` for another renderer, unless it is told not to."""
    Attribute.objects.create(name="format", label="Format", is_facet=True)
    Product.objects.filter(pk=encre.pk).update(attributes={"format": "paperback"})
    path = "/api/v1/products?format=paperback"
    short, long = Answered(path), client.get(path, HTTP_ACCEPT="text/html, */*; q=0.1")
    assert (short.status, short.body) == (long.status_code, long.content)
    assert [card["slug"] for card in long.json()["results"]] == [encre.slug]


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("products/nothing", 404, "not_found"),
        ("products?limit=1000", 400, "invalid"),
        ("products?colour=blue", 400, "invalid"),
        ("products?q=%00", 400, "invalid"),
        ("products/%FF", 404, "not_found"),
    ],
)
def test_what_is_refused_goes_the_long_way_and_is_kept_by_nobody(path: str, status: int, code: str, db: None) -> None:
    for _ in range(2):
        refused = Answered("/api/v1/" + path)
        assert (refused.status, refused.is_short) == (status, False)
        assert f'"code":"{code}"'.encode() in refused.body
        assert refused.headers["Cache-Control"] == "no-store"
        assert refused.headers["Content-Type"] == "application/problem+json"
    assert responses.response_cache.size == 0


def test_a_strange_host_and_a_strange_wish_go_the_long_way(encre: Product) -> None:
    assert Answered("/api/v1/products").status == 200
    strange = Answered("/api/v1/products", host="evil.example")
    assert (strange.status, strange.is_short) == (400, False)
    picky = Answered("/api/v1/products", accept="text/html")
    assert (picky.status, picky.is_short) == (406, False)


def test_who_asks_makes_no_difference(encre: Product, shopper: Client) -> None:
    as_guest = Answered(f"/api/v1/products/{encre.slug}")
    as_shopper = shopper.get(f"products/{encre.slug}")
    with_old_token = Answered(f"/api/v1/products/{encre.slug}", authorization="Bearer out-of-date")
    assert as_guest.body == as_shopper.content == with_old_token.body
    assert "Set-Cookie" not in as_guest.headers


def test_the_request_has_its_id_and_its_line(encre: Product, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", "noirel.request"):
        answered = Answered("/api/v1/products", x_request_id="a-browser-says-so")
    assert answered.headers["X-Request-ID"] == "a-browser-says-so"
    assert [record.getMessage() for record in caplog.records] == ["GET /api/v1/products 200"]
    assert len(Answered("/api/v1/products").headers["X-Request-ID"]) == 32


@pytest.mark.parametrize(
    ("path", "read"),
    [
        ("products?in_stock=true&sort=price", 1),
        ("products?collection=none&limit=2", 1),
        ("products?q=soir", 2),
        ("products/{}", 1),
        ("search/suggest?q=enc", 3),
        ("categories", 2),
    ],
)
def test_statements_of_an_answer_read_and_of_one_kept(path: str, read: int, encre: Product) -> None:
    path = "/api/v1/" + path.format(encre.slug)
    for known in ("products", *[f"products/{encre.slug}"] * 2):  # what lists are made from, and what was touched before
        Answered(f"/api/v1/{known}")
    responses.response_cache.clear()
    for expected in (read, 1, 1):
        with CaptureQueriesContext(connection) as statements:
            assert Answered(path).is_short
        assert len(statements) == expected, statements.captured_queries


def test_without_a_log_the_question_is_asked_all_the_same(encre: Product) -> None:
    first = Answered(f"/api/v1/products/{encre.slug}")
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")  # as psycopg does after a rollback
    assert Answered(f"/api/v1/products/{encre.slug}").headers["ETag"] == first.headers["ETag"]
    Product.objects.filter(pk=encre.pk).update(status="archived")
    assert Answered(f"/api/v1/products/{encre.slug}").status == 404


def test_a_shelf_holds_no_more_than_it_may() -> None:
    shelf = responses.ResponseCache(100_000)
    for number in range(50):
        shelf.put(f"/{number}", responses.CacheEntry(b"x" * 5000, '"t"', "", b"1", 0.0))
    assert shelf.size <= 100_000
    assert shelf.get("/0") is None
    assert shelf.get("/49") is not None
    shelf.put("/big", responses.CacheEntry(b"x" * 50_000, '"t"', "", b"1", 0.0))
    assert shelf.get("/big") is None


@pytest.mark.parametrize("charset", ["hex", "rot13", "undefined", "punycode", "latin-1", "cp037", "utf-16", "no-such-charset"])
def test_an_address_means_the_same_whatever_charset_a_request_names(charset: str, encre: Product) -> None:
    encre.name = "Encré"
    encre.save()
    path = f"/api/v1/products?q={quote('encré')}&limit=5"
    # With a body it goes the long way, which keeps what it answers for both.
    strange = Answered(path, CONTENT_TYPE=f"application/json; charset={charset}", CONTENT_LENGTH="1")
    assert not strange.is_short
    assert (strange.status, json.loads(strange.body)["total"]) == (200, 1), strange.body
    plain = Answered(path)
    assert (plain.is_short, plain.body) == (True, strange.body)
    missing = Answered("/api/v1/nothing?q=a", CONTENT_TYPE=f"text/plain; charset={charset}")
    assert (missing.status, missing.headers["Content-Type"]) == (404, "application/problem+json")
