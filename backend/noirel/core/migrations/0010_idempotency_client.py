from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0009_standard_names")]

    operations = [
        migrations.AddField(
            model_name="idempotencyrecord",
            name="client",
            field=models.CharField(db_default="", default="", max_length=300),
        ),
    ]
