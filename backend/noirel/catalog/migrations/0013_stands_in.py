from django.db import migrations

from noirel.catalog import rules_sql


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0012_sale_and_few_left'),
    ]

    operations = [rules_sql.MEETS]
