"""The database refuses changes to what was sold, whoever makes them."""

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError

from noirel.core.domain.money import inr
from noirel.orders.models import Order, OrderEvent, OrderLine
from noirel.orders.tests.test_staff_orders import make_order
from tests.client import Client
from tests.make import make_variant
from tests.shopping import ADDRESS

pytestmark = pytest.mark.django_db
# Columns that may change; `placed_at` is secured by the first timeline entry. All others are frozen.
MUTABLE_COLUMNS = {
    "id", "user_id", "status", "payment_status", "fulfilment_status", "payments", "refunds", "disputes", "dispute_status",
    "cart_id", "placed_at", "paid_at", "held_until", "hold_seconds", "link_version", "updated_at",
}  # fmt: skip
MUTABLE_LINE_COLUMNS = {"fulfilled_quantity", "returned_quantity", "cancelled_quantity"}
# By column type: an SQL expression that differs from the current value.
OTHER_VALUE = {
    "varchar": "CASE {0} WHEN 'X' THEN 'Y' ELSE 'X' END",
    "jsonb": """'{{"line1": "Elsewhere"}}'""",
    "uuid": "gen_random_uuid()",
} | dict.fromkeys(("int8", "int4", "int2"), "coalesce({0}, 0) + 1")


@pytest.fixture
def order() -> Order:
    return make_order((make_variant(price=inr(12_500_00), name="Encre"), 2), engraving="Ira")


def is_refused(statement: str) -> bool:
    with connection.cursor() as cursor:
        try:
            with transaction.atomic():
                cursor.execute(statement)
                assert cursor.rowcount == 1
        except IntegrityError as error:
            assert "is frozen as it was written" in str(error), error  # noqa: PT017
            return True
    return False


@pytest.mark.parametrize(("model", "mutable"), [(Order, MUTABLE_COLUMNS), (OrderLine, MUTABLE_LINE_COLUMNS)])
def test_the_database_refuses_updates_of_frozen_columns(
    order: Order, model: type[Order | OrderLine], mutable: set[str]
) -> None:
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute("SELECT column_name, udt_name FROM information_schema.columns WHERE table_name = %s", [table])
        types = dict(cursor.fetchall())
    frozen = {field.column for field in model._meta.concrete_fields} - mutable
    accepted = {
        column
        for column in frozen
        if not is_refused(f"UPDATE {table} SET {column} = {OTHER_VALUE[types[column]].format(column)}")
    }
    assert accepted == set()
    assert is_refused(f"DELETE FROM {table}")


def test_mutable_columns_can_be_updated(order: Order) -> None:
    assert not is_refused("UPDATE orders_order SET note = note, status = 'paid', updated_at = now()")
    assert not is_refused("UPDATE orders_orderline SET fulfilled_quantity = 1")
    order.refresh_from_db()
    order.save()


def test_the_first_timeline_entry_stores_a_hash_of_the_frozen_columns_that_is_never_shown(order: Order, staff: Client) -> None:
    first, *rest = OrderEvent.objects.filter(order=order).order_by("position")
    assert len(first.state["frozen"]) == 64
    assert all("frozen" not in event.state for event in rest)
    html = staff.get(f"admin/orders/{order.number}").content.decode()
    assert ADDRESS["line1"] in html
    assert first.state["frozen"] not in html
