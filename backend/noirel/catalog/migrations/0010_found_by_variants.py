from django.db import migrations

from noirel.catalog.search import words_sql


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0009_search'),
    ]

    operations = [words_sql.SOURCE, words_sql.WRITE_ANEW, words_sql.VARIANT_CHANGES]
