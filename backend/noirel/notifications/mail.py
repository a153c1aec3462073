"""Sending of mails: text and HTML from one pair of templates, once per key."""

from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from noirel.notifications.models import SentMail

# Default background and text colours.
PAPER, INK = "#f7f3ea", "#1d1520"


def send_once(key: str, *, to: str, subject: str, template: str, context: dict[str, Any]) -> bool:
    """Send `notifications/<template>.txt` and `.html` unless a mail with this key was sent. Returns whether it was sent now.

    If the process dies between sending and recording it, the mail is sent again with the same Message-ID, by which most
    mailboxes detect the duplicate.
    """
    if SentMail.objects.filter(pk=key).exists():
        return False
    template_context = {
        "subject": subject,
        "shop": settings.SHOP_NAME,
        "home": settings.PUBLIC_URL,
        "ground": PAPER,
        "on": INK,
        **context,
    }
    host = parseaddr(settings.EMAIL_FROM)[1].partition("@")[2] or "localhost"
    message = EmailMultiAlternatives(
        subject=" ".join(subject.split()),
        body=render_to_string(f"notifications/{template}.txt", template_context).strip() + "\n",
        to=[to],
        headers={"Message-ID": f"<{key.replace(':', '.')}@{host}>", "Auto-Submitted": "auto-generated"},
    )
    message.attach_alternative(render_to_string(f"notifications/{template}.html", template_context), "text/html")
    message.send()
    SentMail.objects.bulk_create([SentMail(key=key)], ignore_conflicts=True)
    return True
