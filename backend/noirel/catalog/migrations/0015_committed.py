from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0014_purged")]

    operations = [
        migrations.AddField(
            model_name="variant",
            name="committed",
            field=models.IntegerField(db_default=0, default=0),
        ),
    ]
