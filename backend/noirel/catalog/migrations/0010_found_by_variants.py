from django.db import migrations

from noirel.catalog.search import words_sql


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0009_search'),
    ]

    # Who goes back keeps the function: what was there before asks it too.
    operations = [
        migrations.RunSQL(words_sql.SOURCE.sql, migrations.RunSQL.noop), words_sql.WRITE_ANEW, words_sql.VARIANT_CHANGES,
    ]
