from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("orders", "0009_dispute_status")]

    operations = [
        AddIndexConcurrently(
            model_name="order",
            index=models.Index(
                condition=models.Q(("dispute_status", "none"), _negated=True), fields=["-placed_at"], name="order_disputed"
            ),
        ),
    ]
