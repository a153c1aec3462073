from django.db import migrations, models

# What services.present writes from now on; 3 is LOW_STOCK. Rules and lists do not ask for it: nothing else is to be made anew.
WRITE = """
UPDATE catalog_product p SET is_on_sale = v.on_sale, is_low_stock = v.low_stock
FROM (
    SELECT product_id, coalesce(bool_or(compare_at_amount > price_amount), false) AS on_sale,
        coalesce(bool_and(policy = 'deny' AND available IS NOT NULL AND available <= 3) FILTER (WHERE in_stock), false)
            AS low_stock
    FROM catalog_variant WHERE archived_at IS NULL GROUP BY product_id
) v
WHERE v.product_id = p.id AND (v.on_sale OR v.low_stock);
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0011_touched")]

    operations = [
        migrations.AddField("product", "is_on_sale", models.BooleanField(db_default=False, default=False)),
        migrations.AddField("product", "is_low_stock", models.BooleanField(db_default=False, default=False)),
        migrations.RunSQL(WRITE, migrations.RunSQL.noop),
    ]
