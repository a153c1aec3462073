"""The fast path and Django send the same responses."""

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

# Committed rows, because nothing is cached inside a transaction.
pytestmark = pytest.mark.django_db(transaction=True)
# X-Request-ID is different for each request, and only DRF sends Allow.
_NOT_COMPARED = {"Allow", "X-Request-ID"}


class WSGIResponse:
    """The response of the WSGI application to a GET request, without the headers that a server adds."""

    def __init__(self, path: str, **headers: str) -> None:
        path, _, query = path.partition("?")
        environ = RequestFactory().get(path).environ | {"QUERY_STRING": query, "HTTP_HOST": "localhost:8000"}
        environ["PATH_INFO"] = environ["PATH_INFO"].encode().decode("latin-1")  # one character per byte, as WSGI requires
        environ |= {
            name if name in {"CONTENT_TYPE", "CONTENT_LENGTH"} else "HTTP_" + name.upper(): value
            for name, value in headers.items()
        }
        started: list[Any] = []
        self.is_fast = True

        def slow_path(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
            self.is_fast = False
            return django(environ, start_response)

        body = FastPath(slow_path)(environ, lambda status, headers, *_: started.extend([status, dict(headers)]))
        self.body = b"".join(body)
        self.status, self.headers = int(started[0][:3]), started[1]


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
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
def test_the_fast_path_and_django_send_the_same_bodies_and_headers(path: str, encre: Product, client: Client) -> None:
    path = "/api/v1/" + path.format(encre.slug)
    fast = WSGIResponse(path)
    slow = client.get(path)
    assert fast.is_fast
    assert (fast.status, fast.body) == (slow.status_code, slow.content)
    assert {k: v for k, v in fast.headers.items() if k not in _NOT_COMPARED} == {
        k: v for k, v in slow.headers.items() if k not in _NOT_COMPARED
    }
    again = WSGIResponse(path, if_none_match=f'"other", W/{fast.headers["ETag"]}')
    slow_again = client.get(path, HTTP_IF_NONE_MATCH=fast.headers["ETag"])
    assert (again.status, again.body, again.is_fast) == (304, b"", True)
    assert (slow_again.status_code, slow_again.content) == (304, b"")
    assert {*again.headers} - _NOT_COMPARED == {"ETag", "Cache-Control", "Vary", "Surrogate-Key"}
    assert {k: slow_again[k] for k in ("ETag", "Vary")} == {k: again.headers[k] for k in ("ETag", "Vary")}


def test_a_head_request_gets_no_body(encre: Product) -> None:
    """Gunicorn logs a warning for each HEAD response with a body."""
    started: list[Any] = []
    environ = RequestFactory().head(f"/api/v1/products/{encre.slug}").environ | {"HTTP_HOST": "localhost:8000"}
    assert b"".join(FastPath(django)(environ, lambda status, headers, *_: started.extend([status, dict(headers)]))) == b""
    get = WSGIResponse(f"/api/v1/products/{encre.slug}")
    assert started[0] == "200 OK"
    assert {name: started[1][name] for name in ("ETag", "Content-Length")} == {
        "ETag": get.headers["ETag"], "Content-Length": str(len(get.body))
    }  # fmt: skip


def test_a_slug_in_any_script_is_encoded_in_the_surrogate_key(encre: Product, client: Client) -> None:
    """Gunicorn fails with a 500 on a header outside Latin-1: on the product's own page and on each page that shows it."""
    Product.objects.filter(pk=encre.pk).update(slug="इत्र")
    related = Product.objects.exclude(pk=encre.pk).values_list("slug", flat=True)[0]
    for slug in ("इत्र", related):
        path = f"/api/v1/products/{quote(slug)}"
        fast, slow = WSGIResponse(path), client.get(path)
        assert (fast.is_fast, fast.status, slow.status_code) == (True, 200, 200)
        assert fast.headers["Surrogate-Key"] == slow["Surrogate-Key"]
        assert "product:%E0%A4%87%E0%A4%A4%E0%A5%8D%E0%A4%B0" in fast.headers["Surrogate-Key"].split(" ")


def test_a_question_mark_in_a_path_does_not_start_the_query() -> None:
    assert cache_key("/api/v1/products", "a=b?") != cache_key("/api/v1/products?a=b", "")
    assert cache_key("/api/v1/products/a", "b?") != cache_key("/api/v1/products/a?b", "")


def test_no_path_is_answered_with_the_cached_response_of_another(encre: Product, client: Client) -> None:
    """`Ãª` is the UTF-8 encoding of `ê`, read as Latin-1."""
    other = Product.objects.exclude(pk=encre.pk)[0]
    for product, slug in ((encre, "ê"), (other, "Ãª")):
        Product.objects.filter(pk=product.pk).update(slug=slug)
    for first in (client.get, WSGIResponse):
        responses.response_cache.clear()
        first(f"/api/v1/products/{quote('Ãª')}")
        assert WSGIResponse(f"/api/v1/products/{quote('ê')}").body == client.get(f"/api/v1/products/{quote('ê')}").content
        assert b'"name":"Encre"' in WSGIResponse(f"/api/v1/products/{quote('ê')}").body


def test_an_attribute_may_be_called_format(encre: Product, client: Client) -> None:
    """By default, DRF takes `?format=` for the name of a renderer."""
    Attribute.objects.create(name="format", label="Format", is_facet=True)
    Product.objects.filter(pk=encre.pk).update(attributes={"format": "paperback"})
    path = "/api/v1/products?format=paperback"
    fast, slow = WSGIResponse(path), client.get(path, HTTP_ACCEPT="text/html, */*; q=0.1")
    assert (fast.status, fast.body) == (slow.status_code, slow.content)
    assert [card["slug"] for card in slow.json()["results"]] == [encre.slug]


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
def test_refusals_come_from_django_and_are_not_cached(path: str, status: int, code: str, db: None) -> None:
    for _ in range(2):
        refused = WSGIResponse("/api/v1/" + path)
        assert (refused.status, refused.is_fast) == (status, False)
        assert f'"code":"{code}"'.encode() in refused.body
        assert refused.headers["Cache-Control"] == "no-store"
        assert refused.headers["Content-Type"] == "application/problem+json"
    assert responses.response_cache.size == 0


def test_unknown_hosts_and_media_types_are_left_to_django(encre: Product) -> None:
    assert WSGIResponse("/api/v1/products").status == 200
    unknown_host = WSGIResponse("/api/v1/products", host="evil.example")
    assert (unknown_host.status, unknown_host.is_fast) == (400, False)
    html_only = WSGIResponse("/api/v1/products", accept="text/html")
    assert (html_only.status, html_only.is_fast) == (406, False)


def test_the_response_does_not_depend_on_the_client(encre: Product, shopper: Client) -> None:
    as_guest = WSGIResponse(f"/api/v1/products/{encre.slug}")
    as_shopper = shopper.get(f"products/{encre.slug}")
    with_old_token = WSGIResponse(f"/api/v1/products/{encre.slug}", authorization="Bearer out-of-date")
    assert as_guest.body == as_shopper.content == with_old_token.body
    assert "Set-Cookie" not in as_guest.headers


def test_each_request_gets_an_id_and_a_log_line(encre: Product, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", "noirel.request"):
        response = WSGIResponse("/api/v1/products", x_request_id="given-by-client")
    assert response.headers["X-Request-ID"] == "given-by-client"
    assert [record.getMessage() for record in caplog.records] == ["GET /api/v1/products 200"]
    assert len(WSGIResponse("/api/v1/products").headers["X-Request-ID"]) == 32


@pytest.mark.parametrize(
    ("path", "statements_when_uncached"),
    [
        ("products?in_stock=true&sort=price", 1),
        ("products?collection=none&limit=2", 1),
        ("products?q=soir", 2),
        ("products/{}", 1),
        ("search/suggest?q=enc", 3),
        ("categories", 2),
    ],
)
def test_number_of_statements_for_uncached_and_cached_responses(
    path: str, statements_when_uncached: int, encre: Product
) -> None:
    path = "/api/v1/" + path.format(encre.slug)
    for warmed in ("products", *[f"products/{encre.slug}"] * 2):  # loads the catalogue index and the change log
        WSGIResponse(f"/api/v1/{warmed}")
    responses.response_cache.clear()
    for expected in (statements_when_uncached, 1, 1):
        with CaptureQueriesContext(connection) as statements:
            assert WSGIResponse(path).is_fast
        assert len(statements) == expected, statements.captured_queries


def test_a_deallocated_revalidation_query_is_prepared_again(encre: Product) -> None:
    first = WSGIResponse(f"/api/v1/products/{encre.slug}")
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")  # as psycopg does after a rollback
    assert WSGIResponse(f"/api/v1/products/{encre.slug}").headers["ETag"] == first.headers["ETag"]
    Product.objects.filter(pk=encre.pk).update(status="archived")
    assert WSGIResponse(f"/api/v1/products/{encre.slug}").status == 404


def test_the_response_cache_keeps_to_its_size_limit() -> None:
    cache = responses.ResponseCache(100_000)
    for number in range(50):
        cache.put(f"/{number}", responses.CacheEntry(b"x" * 5000, '"t"', "", b"1", 0.0))
    assert cache.size <= 100_000
    assert cache.get("/0") is None
    assert cache.get("/49") is not None
    cache.put("/big", responses.CacheEntry(b"x" * 50_000, '"t"', "", b"1", 0.0))
    assert cache.get("/big") is None


@pytest.mark.parametrize("charset", ["hex", "rot13", "undefined", "punycode", "latin-1", "cp037", "utf-16", "no-such-charset"])
def test_the_charset_of_a_request_does_not_change_the_meaning_of_its_url(charset: str, encre: Product) -> None:
    encre.name = "Encré"
    encre.save()
    path = f"/api/v1/products?q={quote('encré')}&limit=5"
    # Requests with a body are left to Django, which stores the response in the shared cache.
    with_charset = WSGIResponse(path, CONTENT_TYPE=f"application/json; charset={charset}", CONTENT_LENGTH="1")
    assert not with_charset.is_fast
    assert (with_charset.status, json.loads(with_charset.body)["total"]) == (200, 1), with_charset.body
    without_body = WSGIResponse(path)
    assert (without_body.is_fast, without_body.body) == (True, with_charset.body)
    missing = WSGIResponse("/api/v1/nothing?q=a", CONTENT_TYPE=f"text/plain; charset={charset}")
    assert (missing.status, missing.headers["Content-Type"]) == (404, "application/problem+json")
