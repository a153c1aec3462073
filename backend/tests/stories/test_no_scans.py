"""A purchase in a shop that has sold for years: no statement reads a table from end to end, no trigger and no foreign key."""

import uuid
from typing import Any

import pytest
from django.db import connection

from noirel.core.domain.money import inr
from tests.client import Client, with_key
from tests.make import make_variant
from tests.shopping import ADDRESS, LocalGateway

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.unproved]  # copies without their movements and hashes

VARIANTS, ORDERS = 20_000, 10_000
LARGE = 1_000  # rows from which a scan is one: the house's four methods of delivery are read as a whole
# PostgreSQL tries a prepared statement five times with its values in sight before it settles for one plan without them.
UNTIL_SETTLED = 7
# (table, which rows are the pattern, what is new in each copy `g`); a subquery names the copies made before.
THIS, COPY = "(SELECT id FROM orders_order WHERE number = 'OLD-' || g)", "'OLD-' || g"
COPIES = [
    ("catalog_variant", "true", {"sku": COPY, "position": "g", "options": "jsonb_build_object('size', g)"}, VARIANTS),
    ("inventory_stockitem", "true", {"variant_id": f"(SELECT id FROM catalog_variant WHERE sku = {COPY})"}, VARIANTS),
    ("cart_cart", "true", {"id": "md5('cart' || g)::uuid"}, ORDERS),
    ("cart_cartline", "true", {"id": "md5('line' || g)::uuid", "cart_id": "md5('cart' || g)::uuid"}, ORDERS),
    ("orders_order", "true", {"number": COPY, "cart_id": "md5('cart' || g)::uuid"}, ORDERS),
    ("orders_orderline", "position = 0", {"id": "md5('sold' || g)::uuid", "order_id": THIS}, ORDERS),
    ("orders_orderevent", "position = 1", {"order_id": THIS}, ORDERS),
    (
        "payments_payment", "true",
        {
            "id": "md5('pay' || g)::uuid", "order_id": THIS, "receipt": COPY,
            "gateway_order_id": "'order_' || g", "gateway_payment_id": "'pay_' || g",
        },
        ORDERS,
    ),
    ("inventory_reservation", "true", {"reference": COPY}, ORDERS),
    ("inventory_stockmovement", "reason = 'received'", {"id": "md5('gone' || g)::uuid", "reference": COPY}, ORDERS),
    ("ledger_entry", "position = 1", {"id": "md5('book' || g)::uuid", "key": COPY, "chain": COPY}, ORDERS),
    ("core_outboxevent", "true", {"key": COPY, "done_at": "now()"}, ORDERS),
    ("core_idempotencyrecord", "true", {"key": COPY}, ORDERS),
    ("core_throttlecount", "true", {"key": COPY}, ORDERS),
]  # fmt: skip


def test_a_purchase_in_an_old_shop_finds_every_row_by_an_index(client: Client, gateway: LocalGateway, settings: Any) -> None:
    settings.THROTTLE_SCALE = 1_000.0
    gateway.without_webhooks()
    one, other = make_variant(price=inr(12_500_00), on_hand=99), make_variant(price=inr(4_900_00), on_hand=99)
    cart = client.post("carts", {}).json()["id"]
    client.post(f"carts/{cart}/lines", {"sku": one.sku, "quantity": 1})
    buy(client, gateway, one.sku, other.sku)
    age()

    large = {table: scans for table, rows, scans in tables() if rows >= LARGE}
    assert set(large) >= {table for table, *_ in COPIES}
    for _ in range(UNTIL_SETTLED):
        buy(client, gateway, one.sku, other.sku)
    scanned = {table: scans - large[table] for table, _, scans in tables() if scans > large.get(table, scans)}
    assert scanned == {}


def buy(client: Client, gateway: LocalGateway, *skus: str) -> None:
    cart = client.post("carts", {}).json()
    for sku in skus:
        cart = client.post(f"carts/{cart['id']}/lines", {"sku": sku, "quantity": 1}).json()
    body = {
        "cart": cart["id"], "email": "ira@example.com", "shipping_address": ADDRESS, "shipping_method": "standard",
        "expected_total": cart["totals"]["total"],
    }  # fmt: skip
    placed = client.post("checkout", body, **with_key(str(uuid.uuid4()))).json()
    told = gateway.pay(placed["payment"]["gateway_order_id"])
    path = f"orders/{placed['order']['number']}/payment/verify?token={placed['order_token']}"
    assert client.post(path, told).json()["status"] == "paid"


def age() -> None:
    """Copy what one purchase has left behind, many times."""
    with connection.cursor() as cursor:
        for table, pattern, new, times in COPIES:
            columns = columns_of(table)
            values = ", ".join(f"({new[name]})" if name in new else f"p.{name}" for name in columns)
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")  # ten thousand hashes prove nothing here
            cursor.execute(
                f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values}"
                f" FROM (SELECT * FROM {table} WHERE {pattern} LIMIT 1) p, generate_series(1, {times}) g"
            )
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
            cursor.execute(f"ANALYZE {table}")


def columns_of(table: str) -> list[str]:
    """All that PostgreSQL does not fill in itself."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = %s"
            " AND is_identity = 'NO' AND is_generated = 'NEVER' ORDER BY ordinal_position",
            [table],
        )
        return [name for (name,) in cursor.fetchall()]


def tables() -> list[tuple[str, int, int]]:
    """Each table, how many rows it has, and how often it was read from end to end in this database so far."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush(), pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT c.relname, c.reltuples::bigint, s.seq_scan FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid"
        )
        return [(name, rows, scans) for name, rows, scans in cursor.fetchall()]
