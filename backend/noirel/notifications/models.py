"""Record of the mails that were sent."""

from django.db import models


class SentMail(models.Model):
    """A mail that was sent. Handlers run at least once; this row prevents that a repeated run sends the mail twice."""

    key = models.CharField(primary_key=True, max_length=160)  # for example `receipt:NE-7K3MQ2XD`
    sent_at = models.DateTimeField(auto_now_add=True, db_index=True)
