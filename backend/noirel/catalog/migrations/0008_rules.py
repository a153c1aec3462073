from django.db import migrations

from noirel.catalog.rules_sql import MEETS


class Migration(migrations.Migration):

    dependencies = [("catalog", "0007_shape")]

    operations = [MEETS]
