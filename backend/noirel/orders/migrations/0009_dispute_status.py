from django.db import migrations, models

# Orders that had disputes before the column did. The same rules as orders/disputes.py; safe to repeat.
FILL = """
UPDATE orders_order o SET dispute_status = d.says FROM (
    SELECT o.id, CASE WHEN bool_or(d.entry ->> 'status' IN ('open', 'under_review')) THEN 'open'
        WHEN bool_or(d.entry ->> 'status' = 'lost') THEN 'lost' ELSE 'won' END AS says
    FROM orders_order o, jsonb_array_elements(o.disputes) AS d(entry), jsonb_array_elements(o.payments) AS p(entry)
    WHERE o.disputes <> '[]' AND p.entry ->> 'status' = 'captured'
        AND p.entry ->> 'gateway_payment_id' = d.entry ->> 'gateway_payment_id'
    GROUP BY o.id
) d WHERE d.id = o.id AND o.dispute_status <> d.says;
"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0008_frozen")]

    operations = [
        migrations.AddField(
            model_name="order",
            name="dispute_status",
            field=models.CharField(
                choices=[("none", "None"), ("open", "Open"), ("won", "Won"), ("lost", "Lost")],
                db_default="none",
                default="none",
                help_text="Over all of disputes.",
                max_length=4,
            ),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
