"""The schema and its two readers."""

import re

import pytest

from tests.client import Client

pytestmark = pytest.mark.django_db
PAGES = ["/api/schema/swagger-ui/", "/api/schema/redoc/"]


@pytest.mark.parametrize("form", ["yaml", "json"])
def test_the_schemas_file_name_is_plain_ascii_whatever_the_shop_is_called(client: Client, form: str) -> None:
    response = client.get(f"/api/schema/?format={form}")
    assert response["Content-Disposition"] == f'inline; filename="openapi.{form}"'


@pytest.mark.parametrize("path", ["/api/schema/", *PAGES])
def test_no_cache_keeps_the_documentation_beyond_a_release(client: Client, path: str) -> None:
    assert client.get(path)["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("path", PAGES)
def test_the_documentation_asks_no_other_host(client: Client, path: str) -> None:
    page = client.get(path)
    text = page.content.decode()
    assert re.findall(r"""(?:src|href)=["']?(?:https?:)?//""", text) == []
    scripts = re.findall(r"<script[^>]*src=\"([^\"]+)\"", text)
    assert scripts
    for script in scripts:
        response = client.get(script)
        assert response.status_code == 200, script
        code = response.getvalue()
        # What a script would load: a picture, a frame, another script, a request. (Links may lead elsewhere.)
        assert re.findall(rb"src:\"https?://[^\"]+\"|fetch\(\"https?://", code) == [], script
    assert "http" not in re.sub(r"https?://[^/]*w3\.org\S*", "", page["Content-Security-Policy"])
