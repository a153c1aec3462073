"""Standard names for model classes. Their tables keep the names they have, so that the previous release goes on working."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("payments", "0008_unanswered_since")]

    operations = [
        migrations.AlterModelTable("StrayMoney", "payments_straymoney"),
        migrations.RenameModel("StrayMoney", "UnmatchedPayment"),
    ]
