"""The API sends its security headers itself, so they don't depend on a proxy."""

import logging

import pytest

from tests.client import Client

JSON_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/shop", 200), ("/api/v1/products/none", 404), ("/api/v1/me", 401), ("/nowhere", 404), ("/healthz", 200),
        ("/robots.txt", 200), ("/api/schema/", 200),
    ],
)  # fmt: skip
def test_every_kind_of_response_has_the_security_headers(client: Client, path: str, status: int) -> None:
    for secure in (False, True):
        response = client.generic("GET", path, secure=secure)
        assert response.status_code == status
        assert response["Content-Security-Policy"] == JSON_POLICY
        assert response["Cross-Origin-Resource-Policy"] == "same-origin"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Referrer-Policy"] == "strict-origin-when-cross-origin"
        assert response.get("Strict-Transport-Security") == ("max-age=31536000" if secure else None)


@pytest.mark.django_db
def test_the_docs_may_run_their_own_scripts_but_not_be_framed(client: Client) -> None:
    response = client.generic("GET", "/api/schema/swagger-ui/")
    assert response["Content-Type"].startswith("text/html")
    policy = response["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe-inline'" not in policy.split("style-src")[0]


@pytest.mark.django_db
def test_static_files_allow_no_other_origin(client: Client) -> None:
    response = client.generic("HEAD", "/static/drf_spectacular_sidecar/swagger-ui-dist/swagger-ui.css")
    assert response.status_code == 200
    assert "max-age" in response["Cache-Control"]
    assert "Access-Control-Allow-Origin" not in response


@pytest.mark.django_db
def test_an_unknown_host_is_refused_without_an_error_in_the_log(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    response = client.generic("GET", "/api/v1/me", HTTP_HOST="evil.example")
    assert (response.status_code, response.json()["code"]) == (400, "malformed")
    assert [record for record in caplog.records if record.levelno >= logging.WARNING or record.exc_info] == []


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/api/schema/", "/api/schema/swagger-ui/", "/api/schema/redoc/"])
def test_the_docs_are_revalidated_every_time(client: Client, path: str) -> None:
    assert client.generic("GET", path)["Cache-Control"] == "no-cache"
