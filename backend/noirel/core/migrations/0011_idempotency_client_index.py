from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("core", "0010_idempotency_client")]

    operations = [
        AddIndexConcurrently(
            model_name="idempotencyrecord",
            index=models.Index(
                condition=models.Q(("client", ""), _negated=True), fields=["key", "client"], name="idempotency_client"
            ),
        ),
    ]
