"""What was sold stays as it was sold, whoever writes."""

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
# What moves with an order; when it was placed is what the first line of its timeline says. All else is frozen.
MOVES = {
    "id", "user_id", "status", "payment_status", "fulfilment_status", "payments", "refunds", "disputes", "dispute_status",
    "cart_id", "placed_at", "paid_at", "held_until", "hold_seconds", "link_version", "updated_at",
}  # fmt: skip
COUNTED = {"fulfilled_quantity", "returned_quantity", "cancelled_quantity"}
# By the column's kind: something that it does not hold already.
OTHER = {
    "varchar": "CASE {0} WHEN 'X' THEN 'Y' ELSE 'X' END",
    "jsonb": """'{{"line1": "Elsewhere"}}'""",
    "uuid": "gen_random_uuid()",
} | dict.fromkeys(("int8", "int4", "int2"), "coalesce({0}, 0) + 1")


@pytest.fixture
def order() -> Order:
    return make_order((make_variant(price=inr(12_500_00), name="Encre"), 2), engraving="Ira")


def refused(statement: str) -> bool:
    with connection.cursor() as cursor:
        try:
            with transaction.atomic():
                cursor.execute(statement)
                assert cursor.rowcount == 1
        except IntegrityError as error:
            assert "is frozen as it was written" in str(error), error  # noqa: PT017
            return True
    return False


@pytest.mark.parametrize(("model", "moves"), [(Order, MOVES), (OrderLine, COUNTED)])
def test_an_update_by_hand_of_what_was_sold_is_refused(order: Order, model: type[Order | OrderLine], moves: set[str]) -> None:
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute("SELECT column_name, udt_name FROM information_schema.columns WHERE table_name = %s", [table])
        kinds = dict(cursor.fetchall())
    frozen = {field.column for field in model._meta.concrete_fields} - moves
    taken = {column for column in frozen if not refused(f"UPDATE {table} SET {column} = {OTHER[kinds[column]].format(column)}")}
    assert taken == set()
    assert refused(f"DELETE FROM {table}")


def test_what_moves_is_written_as_before(order: Order) -> None:
    assert not refused("UPDATE orders_order SET note = note, status = 'paid', updated_at = now()")
    assert not refused("UPDATE orders_orderline SET fulfilled_quantity = 1")
    order.refresh_from_db()
    order.save()


def test_the_first_line_of_the_timeline_keeps_a_hash_of_it_that_nobody_is_shown(order: Order, staff: Client) -> None:
    first, *rest = OrderEvent.objects.filter(order=order).order_by("position")
    assert len(first.state["frozen"]) == 64
    assert all("frozen" not in event.state for event in rest)
    shown = staff.get(f"admin/orders/{order.number}").content.decode()
    assert ADDRESS["line1"] in shown
    assert first.state["frozen"] not in shown
