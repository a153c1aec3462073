from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("core", "0006_touched")]
    operations = [
        migrations.AddIndex(
            "outboxevent",
            models.Index(fields=["id"], name="outbox_open", condition=Q(done_at=None, parked_at=None)),
        ),
        migrations.RemoveIndex("outboxevent", "outbox_due"),
    ]
