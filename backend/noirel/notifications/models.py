"""What we told the world."""

from django.db import models


class SentMail(models.Model):
    """One mail that left. Handlers run at least once; this keeps the second run from writing twice."""

    key = models.CharField(primary_key=True, max_length=160)  # `receipt:NE-7K3MQ2XD`
    sent_at = models.DateTimeField(auto_now_add=True, db_index=True)
