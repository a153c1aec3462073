"""Mails about an account."""

from collections.abc import Mapping
from typing import Any

from noirel.accounts.models import User
from noirel.accounts.services import links
from noirel.core.ids import uuid7
from noirel.notifications.mail import send_once


def send_welcome(payload: Mapping[str, Any]) -> None:
    """`accounts.registered`: says hello and asks to confirm the address."""
    user = User.objects.filter(pk=payload["user_id"], is_active=True).first()
    if user:
        send_once(
            f"welcome:{user.pk}",
            to=user.email,
            subject="Confirm your e-mail",
            template="welcome",
            context={"name": user.name, "link": links.verify_link(user)},
        )


def send_reset_link(payload: Mapping[str, Any]) -> None:
    """`accounts.reset_asked`: a link that works once, for two hours. Told twice it writes twice: a lost mail is worse."""
    user = User.objects.filter(pk=payload["user_id"], is_active=True).first()
    if user:
        send_once(
            f"reset:{user.pk}:{uuid7().hex}",
            to=user.email,
            subject="Choose a new password",
            template="reset",
            context={"name": user.name, "link": links.reset_link(user)},
        )
