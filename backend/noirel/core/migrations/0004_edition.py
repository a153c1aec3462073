from django.db import migrations, models

from noirel.core.cache.versions import CREATE_TRIGGER_FUNCTION, DROP_TRIGGER_FUNCTION


class Migration(migrations.Migration):
    dependencies = [("core", "0003_audit_of_days")]
    operations = [
        migrations.CreateModel(
            name="Edition",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("value", models.BigIntegerField()),
            ],
        ),
        migrations.RunSQL(CREATE_TRIGGER_FUNCTION, DROP_TRIGGER_FUNCTION),
    ]
