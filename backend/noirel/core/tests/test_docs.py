"""The schema is served in the requested format."""

import json

import pytest

from tests.client import Client


@pytest.mark.parametrize(
    ("query", "accept"), [("?format=json", "*/*"), ("", "application/json"), ("?format=json", "text/html")]
)
def test_json_is_served_on_request(client: Client, query: str, accept: str) -> None:
    answer = client.get(f"/api/schema/{query}", HTTP_ACCEPT=accept)
    assert answer.status_code == 200
    assert "json" in answer["Content-Type"]
    assert json.loads(answer.content)["openapi"].startswith("3.")


def test_yaml_is_the_default(client: Client) -> None:
    for query in ("", "?format=yaml"):
        answer = client.get(f"/api/schema/{query}", HTTP_ACCEPT="*/*")
        assert answer.content.startswith(b"openapi: 3.")


def test_an_unknown_format_is_a_404_problem(client: Client) -> None:
    answer = client.get("/api/schema/?format=pdf")
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
