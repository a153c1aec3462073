from django.db import migrations

# An active product without a start date was hidden from shoppers although staff read that it was in the shop. It has begun.
BEGIN = """
UPDATE catalog_product SET published_at = least(now(), unpublish_at - interval '1 second'), updated_at = now()
WHERE status = 'active' AND published_at IS NULL
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0015_committed")]

    operations = [migrations.RunSQL(BEGIN, migrations.RunSQL.noop)]
