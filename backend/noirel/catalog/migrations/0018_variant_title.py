from django.db import migrations, models

# The only variant of a product without options was titled by the product's name, which then stood twice in lists.
UNTITLE = """
UPDATE catalog_variant v SET title = '' FROM catalog_product p
WHERE p.id = v.product_id AND v.options = '{}' AND v.title = p.name AND v.title <> ''
"""


class Migration(migrations.Migration):

    dependencies = [
        ("catalog", "0017_priced_zero"),
    ]

    operations = [
        migrations.AlterField(
            model_name="variant",
            name="title",
            field=models.CharField(blank=True, max_length=255),
        ),
        migrations.RunSQL(UNTITLE, migrations.RunSQL.noop),
    ]
