"""What is bought: 200 variants of one demo product, with more of each than can be sold."""

from __future__ import annotations

from typing import Any

import psycopg

SKUS = [f"BENCH-{number:03d}" for number in range(200)]
ON_HAND = 10_000_000


def fill(database: psycopg.Connection[Any]) -> None:
    """Copy a demo product's variant under other SKUs, and receive stock for each, with its movement."""
    with database.transaction():
        database.execute(
            "CREATE TEMPORARY TABLE pattern AS SELECT * FROM catalog_variant WHERE price_amount > 0 ORDER BY id LIMIT 1"
        )
        for sku in SKUS:
            database.execute(
                "UPDATE pattern SET id = nextval(pg_get_serial_sequence('catalog_variant', 'id')), sku = %s,"
                " options = jsonb_build_object('size', %s::text),"
                " in_stock = true, available = %s, on_hand = %s, policy = 'deny'",
                [sku, sku, ON_HAND, ON_HAND],
            )
            database.execute("INSERT INTO catalog_variant SELECT * FROM pattern")
            database.execute(
                "UPDATE inventory_stockitem SET on_hand = pattern.on_hand, is_tracked = true, policy = pattern.policy"
                " FROM pattern WHERE variant_id = pattern.id"
            )
            database.execute(
                "INSERT INTO inventory_stockmovement"
                " (id, item_id, delta, reason, note, actor, reference, on_hand_after, at)"
                " SELECT gen_random_uuid(), id, on_hand, 'received', '', 'bench', '', on_hand, now() FROM pattern"
            )
