"""What tests commit is taken out again, whatever it is and whatever forbids it."""

import pytest
from django.db import connection

from noirel.core.domain.money import inr
from noirel.ledger.models import Entry
from noirel.orders.models import OrderEvent
from tests import emptying
from tests.client import Client, with_key
from tests.emptying import KEPT, empty_database
from tests.make import drawn_lottery, make_variant
from tests.shopping import LocalGateway, Shopper

pytestmark = pytest.mark.django_db(transaction=True)


def rows(*, of: list[str] | None = None) -> dict[str, int]:
    """The tables that hold anything, and how much, but for what migrating left."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        counts = {}
        for (table,) in cursor.fetchall():
            if (table in KEPT) == (of is KEPT):
                cursor.execute(f"SELECT count(*) FROM {table}")
                counts[table] = cursor.fetchone()[0]
    return {table: count for table, count in counts.items() if count}


@pytest.mark.parametrize("large", [emptying.LARGE, 8 * 1024])
def test_nothing_is_left_of_a_shop_that_was_used(
    guest: Shopper, gateway: LocalGateway, staff: Client, monkeypatch: pytest.MonkeyPatch, large: int
) -> None:
    monkeypatch.setattr(emptying, "LARGE", large)
    kept = rows(of=KEPT)
    placed = guest.buy((make_variant(price=inr(100_00)).sku, 2))
    assert guest.verify(placed, gateway.pay(placed["payment"]["gateway_order_id"])).json()["status"] == "paid"
    drawn_lottery(make_variant(price=inr(900_00)), units=1, entries=2)
    number = placed["order"]["number"]
    assert staff.post(f"admin/orders/{number}/refund", {"reason": "asked"}, **with_key("back")).status_code == 201
    assert Entry.objects.exists()  # nobody may delete these
    assert OrderEvent.objects.exists()
    assert len(rows()) > 25
    gateway.reset()  # as the fixture does: a webhook under way meets the emptying, or writes after it
    empty_database()
    assert rows() == {}
    assert rows(of=KEPT) == kept
