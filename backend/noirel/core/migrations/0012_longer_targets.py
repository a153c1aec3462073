from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("core", "0011_idempotency_client_index"),
    ]

    operations = [
        migrations.AlterField(
            model_name="auditentry",
            name="target",
            field=models.CharField(max_length=500),
        ),
    ]
