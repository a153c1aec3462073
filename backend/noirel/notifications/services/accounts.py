"""Mails about accounts."""

import hashlib
from collections.abc import Mapping
from typing import Any

from django.conf import settings

from noirel.accounts.models import User
from noirel.accounts.services import links
from noirel.accounts.services.email import is_taken
from noirel.core.domain.ids import uuid7
from noirel.notifications.mail import send_once


def send_welcome(payload: Mapping[str, Any]) -> None:
    """Handle `accounts.registered`: welcome the user and ask them to confirm the address."""
    user = User.objects.filter(pk=payload["user_id"], is_active=True).first()
    if user:
        send_once(
            f"welcome:{user.pk}",
            to=user.email,
            subject="Confirm your e-mail",
            template="welcome",
            context={"name": user.name, "link": links.verify_link(user)},
        )


def send_email_change_link(payload: Mapping[str, Any]) -> None:
    """Handle `accounts.email_change_asked`: mail a link to the new address, unless taken, and a notice to the current one."""
    user = User.objects.filter(pk=payload["user_id"], is_active=True).exclude(pending_email="").first()
    if user is None:
        return
    link = links.email_change_link(user)
    link_hash = hashlib.sha256(link.encode()).hexdigest()[:16]
    if not is_taken(user.pending_email):
        send_once(
            f"email_change:{user.pk}:{link_hash}",
            to=user.pending_email,
            subject="Confirm your new e-mail",
            template="email_change",
            context={"name": user.name, "link": link},
        )
    send_once(
        f"email_change_notice:{user.pk}:{link_hash}",
        to=user.email,
        subject="Your e-mail is about to change",
        template="email_change_notice",
        context={"name": user.name, "link": f"{settings.PUBLIC_URL}/account"},
    )


def send_reset_link(payload: Mapping[str, Any]) -> None:
    """Handle `accounts.reset_asked`: mail a link that works once, for two hours.

    A repeated event sends a second mail, which is better than none.
    """
    user = User.objects.filter(pk=payload["user_id"], is_active=True).first()
    if user:
        send_once(
            f"reset:{user.pk}:{uuid7().hex}",
            to=user.email,
            subject="Choose a new password",
            template="reset",
            context={"name": user.name, "link": links.reset_link(user)},
        )
