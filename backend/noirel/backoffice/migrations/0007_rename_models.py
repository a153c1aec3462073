"""Standard names for model classes. Their tables keep the names they have, so that the previous release goes on working."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("backoffice", "0006_explained_lines")]

    operations = [
        migrations.AlterModelTable("KeptCells", "backoffice_keptcells"),
        migrations.RenameModel("KeptCells", "StoredCells"),
        migrations.AlterModelTable("WantedPicture", "backoffice_wantedpicture"),
        migrations.RenameModel("WantedPicture", "PendingPicture"),
        migrations.AlterModelTable("Reached", "backoffice_reached"),
        migrations.RenameModel("Reached", "SyncProgress"),
    ]
