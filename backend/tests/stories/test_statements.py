"""How many SQL statements a purchase costs: a whole one, request by request, with the BEGIN and COMMIT of its transactions."""

import uuid
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from noirel.core.domain.money import inr
from noirel.pricing.selectors import shipping_methods
from tests.client import Client, with_key
from tests.make import make_variant
from tests.shopping import ADDRESS, LocalGateway

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_whole_purchase_states_its_statements(client: Client, gateway: LocalGateway, settings: Any) -> None:
    settings.THROTTLE_SCALE = 1.0
    settings.SHIPPING_KEPT_SECONDS = 60.0
    shipping_methods("", "", inr(0))  # a process has read them before
    gateway.without_webhooks()
    one, other = make_variant(price=inr(12_500_00), on_hand=3), make_variant(price=inr(4_900_00), on_hand=3)
    spent: dict[str, int] = {}
    stated: dict[str, list[str]] = {}

    def asked(name: str, path: str, body: Any, **headers: Any) -> Any:
        with CaptureQueriesContext(connection) as seen:
            answer = client.post(path, body, **headers)
        assert answer.status_code in {200, 201}, answer.content
        spent[name] = len(seen.captured_queries)
        stated[name] = [query["sql"] for query in seen.captured_queries]
        return answer.json()

    cart = asked("cart", "carts", {})
    asked("line 1", f"carts/{cart['id']}/lines", {"sku": one.sku, "quantity": 1})
    cart = asked("line 2", f"carts/{cart['id']}/lines", {"sku": other.sku, "quantity": 1})
    body = {
        "cart": cart["id"], "email": "ira@example.com", "shipping_address": ADDRESS, "shipping_method": "standard",
        "expected_total": cart["totals"]["total"],
    }  # fmt: skip
    placed = asked("checkout", "checkout", body, **with_key(str(uuid.uuid4())))
    told = gateway.pay(placed["payment"]["gateway_order_id"])
    path = f"orders/{placed['order']['number']}/payment/verify?token={placed['order_token']}"
    assert asked("verify", path, told)["status"] == "paid"
    assert spent == {"cart": 2, "line 1": 2, "line 2": 2, "checkout": 12, "verify": 10}
    assert sum(spent.values()) <= 30
    for name in ("checkout", "verify"):
        # Nobody waits for a bottle while Python works: its row is locked by the last statement before the COMMIT.
        (claims,) = [at for at, sql in enumerate(stated[name]) if "inventory_stockitem" in sql]
        assert "FOR NO KEY UPDATE" in stated[name][claims]
        assert stated[name][claims + 1] == "COMMIT"
