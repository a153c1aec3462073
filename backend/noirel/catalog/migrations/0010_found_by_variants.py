from django.db import migrations

from noirel.catalog.index import fulltext_sql


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0009_search'),
    ]

    # Who goes back keeps the function: what was there before asks it too.
    operations = [
        migrations.RunSQL(fulltext_sql.SOURCE.sql, migrations.RunSQL.noop), fulltext_sql.REBUILD, fulltext_sql.VARIANT_CHANGES,
    ]
