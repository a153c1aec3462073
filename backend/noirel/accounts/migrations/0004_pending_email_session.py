from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_email_domains")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="pending_email_session",
            field=models.UUIDField(help_text="The session that asked for it: the change ends all others.", null=True),
        ),
    ]
