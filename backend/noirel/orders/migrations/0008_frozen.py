from django.db import migrations

from noirel.core.history import FROZEN, NO_FROZEN, frozen_sql, thawed_sql

ORDER = (
    "number", "email", "customer_name", "currency", "subtotal_amount", "discount_amount", "shipping_amount", "tax_amount",
    "shipping_tax_amount", "total_amount", "item_count", "shipping_address", "billing_address", "shipping_method", "note",
    "gift", "samples", "checkout_key",
)  # fmt: skip
LINE = (
    "id", "order_id", "position", "variant_id", "sku", "name", "variant_title", "product_slug", "quantity",
    "unit_price_amount", "discount_amount", "tax_amount", "tax_rate_bps", "total_amount", "image", "attributes", "engraving",
    "ahead",
)  # fmt: skip


def texts(row: str, columns: tuple[str, ...]) -> str:
    return ", ".join(f"{row}.{column}::text" for column in columns)


# What the first line of a timeline keeps of all that. It is compared for ever: a column that comes later is no part of it.
HASH = f"""
CREATE FUNCTION orders_frozen_hash(o orders_order, lines orders_orderline[]) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT noirel_hash(
        {texts("o", ORDER)},
        (SELECT string_agg(noirel_hash({texts("l", LINE)}), ',' ORDER BY l.position) FROM unnest(lines) AS l)
    )
$$;
"""
NO_HASH = "DROP FUNCTION orders_frozen_hash(orders_order, orders_orderline[]);"


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0002_history'),
        ('orders', '0007_sold_ahead'),
    ]

    operations = [
        migrations.RunSQL(FROZEN, NO_FROZEN),
        migrations.RunSQL(frozen_sql("orders_order", ORDER), thawed_sql("orders_order")),
        migrations.RunSQL(frozen_sql("orders_orderline", LINE), thawed_sql("orders_orderline")),
        migrations.RunSQL(HASH, NO_HASH),
    ]
