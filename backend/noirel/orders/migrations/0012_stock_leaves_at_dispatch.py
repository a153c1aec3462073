from django.db import migrations

from noirel.core.domain.ids import UUID7_SQL

# Stock used to leave at payment. From here on it leaves when a parcel ships, so what paid orders have not shipped is put back
# on hand, with a movement for each order and variant, and committed to its order. Both statements are safe to repeat: they find
# nothing where that was done, and an order that an older release sold while this ran is put right by running them again.

# Units that were refunded and restocked out of a parcel that has not shipped.
WITHDRAW = """
WITH parts AS (
    SELECT p.id, p.line_id, p.quantity, p.withdrawn_quantity, s.shipped_at IS NULL AS is_here, s.created_at
    FROM orders_shipmentline p JOIN orders_shipment s ON s.id = p.shipment_id
), excess AS (
    SELECT l.id, l.returned_quantity - coalesce(sum(p.quantity) FILTER (WHERE NOT p.is_here), 0) AS units
    FROM orders_orderline l JOIN parts p ON p.line_id = l.id WHERE l.returned_quantity > 0
    GROUP BY l.id HAVING sum(p.withdrawn_quantity) = 0
), steps AS (
    SELECT p.id, least(p.quantity, greatest(0, e.units
        - coalesce(sum(p.quantity) OVER (PARTITION BY p.line_id ORDER BY p.created_at, p.id
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0))) AS units
    FROM parts p JOIN excess e ON e.id = p.line_id WHERE p.is_here AND e.units > 0
)
UPDATE orders_shipmentline p SET withdrawn_quantity = s.units FROM steps s WHERE s.id = p.id AND s.units > 0
"""

COMMIT = f"""
WITH parcels AS (
    SELECT p.line_id, sum(p.withdrawn_quantity) AS withdrawn,
        coalesce(sum(p.quantity - p.withdrawn_quantity) FILTER (WHERE s.shipped_at IS NOT NULL), 0) AS shipped
    FROM orders_shipmentline p JOIN orders_shipment s ON s.id = p.shipment_id GROUP BY 1
), due AS MATERIALIZED (
    SELECT r.id, r.item_id, r.reference, least(r.units,
        sum(l.quantity - l.cancelled_quantity - coalesce(p.shipped, 0) - coalesce(p.withdrawn, 0))) - r.committed AS units
    FROM inventory_reservation r JOIN orders_order o ON o.number = r.reference
    JOIN orders_orderline l ON l.order_id = o.id AND l.variant_id = r.item_id
    LEFT JOIN parcels p ON p.line_id = l.id
    WHERE r.state = 'sold' AND o.status IN ('paid', 'fulfilled')
    GROUP BY r.id, r.item_id, r.reference, r.units, r.committed
), more AS MATERIALIZED (
    SELECT * FROM due WHERE units > 0
), locked AS MATERIALIZED (
    SELECT variant_id, on_hand FROM inventory_stockitem WHERE variant_id IN (SELECT item_id FROM more)
    ORDER BY variant_id FOR UPDATE
), reserved AS (
    UPDATE inventory_reservation r SET committed = r.committed + m.units FROM more m WHERE r.id = m.id
), moved AS (
    INSERT INTO inventory_stockmovement (id, item_id, delta, reason, note, actor, reference, on_hand_after, at)
    SELECT {UUID7_SQL}, m.item_id, m.units, 'correction', 'Paid and not shipped yet: on hand until it ships', '', m.reference,
        l.on_hand + sum(m.units) OVER (PARTITION BY m.item_id ORDER BY m.id), now()
    FROM more m JOIN locked l ON l.variant_id = m.item_id
), changed AS (
    UPDATE inventory_stockitem s SET on_hand = s.on_hand + m.units, committed = s.committed + m.units, updated_at = now()
    FROM (SELECT item_id, sum(units) AS units FROM more GROUP BY 1) m JOIN locked l ON l.variant_id = m.item_id
    WHERE s.variant_id = m.item_id
    RETURNING s.variant_id, s.on_hand, s.committed
)
UPDATE catalog_variant v SET on_hand = c.on_hand, committed = c.committed FROM changed c WHERE v.id = c.variant_id
"""


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0015_committed'),
        ('inventory', '0004_committed'),
        ('orders', '0011_withdrawn'),
    ]

    operations = [
        migrations.RunSQL(WITHDRAW, migrations.RunSQL.noop),
        migrations.RunSQL(COMMIT, migrations.RunSQL.noop),
    ]
