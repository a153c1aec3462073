from django.db import migrations, models

from noirel.core.editions import COUNT, UNCOUNT


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
        migrations.RunSQL(COUNT, UNCOUNT),
    ]
