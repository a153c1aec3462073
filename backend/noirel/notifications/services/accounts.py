"""Mails about accounts."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings

from noirel.accounts.models import User
from noirel.accounts.services import links
from noirel.accounts.services.email import is_taken
from noirel.core.domain.ids import uuid7
from noirel.core.shop_time import format_moment
from noirel.notifications.mail import send_once


def send_welcome(payload: Mapping[str, Any]) -> None:
    """Handle `accounts.registered`: ask the user to confirm the address.

    The mail doesn't contain the user's name: whoever typed it may be a stranger to the mailbox.
    """
    user = User.objects.filter(pk=payload["user_id"], is_active=True).first()
    if user:
        send_once(
            f"welcome:{user.pk}",
            to=user.email,
            subject="Confirm your e-mail",
            template="welcome",
            context={"link": links.verify_link(user)},
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
            context={"link": link},
        )
    send_once(
        f"email_change_notice:{user.pk}:{link_hash}",
        to=user.email,
        subject="Your e-mail is about to change",
        template="email_change_notice",
        context={"link": f"{settings.PUBLIC_URL}/account"},
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
            context={"link": links.reset_link(user)},
        )


def send_password_changed(payload: Mapping[str, Any]) -> None:
    """Handle `accounts.password_changed`: tell the user of each change, because somebody else may have made it."""
    user = User.objects.filter(pk=payload["user_id"], is_active=True).first()
    if user:
        change = payload["change"]
        send_once(
            f"password_changed:{user.pk}:{change['id']}",
            to=user.email,
            subject="Your password was changed",
            template="password_changed",
            context={"at": format_moment(datetime.fromisoformat(change["at"])), "link": f"{settings.PUBLIC_URL}/forgot"},
        )
