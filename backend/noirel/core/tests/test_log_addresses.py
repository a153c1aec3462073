"""The log holds no id that opens what it names: a guest's cart is whoever's knows its id."""

from uuid import uuid4

import pytest

from noirel.config.logging import JSONFormatter
from tests.client import Client

pytestmark = pytest.mark.django_db
ADDRESSES = ["carts/{id}", "carts/{id}/lines", "media/uploads/{id}", "drops/evening/entries/{id}"]


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("spelling", [str, str.upper])
def test_no_line_about_a_request_holds_the_id(
    client: Client, caplog: pytest.LogCaptureFixture, address: str, spelling: type[str]
) -> None:
    secret = spelling(str(uuid4()))
    with caplog.at_level("DEBUG"):
        client.get(f"/api/v1/{address.format(id=secret)}?token={secret}")
    lines = [JSONFormatter().format(record) for record in caplog.records if record.name.split(".")[0] in ("noirel", "django")]
    assert any(f"/api/v1/{address.format(id=':id')}" in line for line in lines)
    assert [line for line in lines if secret in line and '"logger":"django.db' not in line] == []


def test_the_id_of_a_real_cart_stays_out_of_the_log(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    cart = client.post("/api/v1/carts").json()["id"]
    with caplog.at_level("INFO"):
        assert client.get(f"/api/v1/carts/{cart}").status_code == 200
    lines = [JSONFormatter().format(record) for record in caplog.records]
    assert any("GET /api/v1/carts/:id 200" in line for line in lines)
    assert [line for line in lines if cart in line] == []
