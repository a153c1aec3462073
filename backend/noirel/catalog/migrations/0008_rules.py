from django.db import migrations

from noirel.catalog.rules_sql import MATCHES_RULES


class Migration(migrations.Migration):

    dependencies = [("catalog", "0007_shape")]

    operations = [MATCHES_RULES]
