"""Mails about lotteries."""

from collections.abc import Mapping
from typing import Any

from noirel.core.domain.ids import uuid7
from noirel.core.shop_time import format_moment, shop_zone, zone_name
from noirel.drops.models import Entry
from noirel.drops.tokens import link_to
from noirel.notifications.mail import send_once


def send_entry_link(payload: Mapping[str, Any]) -> None:
    """Handle `drop.entry_asked`: mail the link that confirms the entry, or that shows an entry already confirmed."""
    entry = Entry.objects.select_related("drop").filter(pk=payload["entry"]).exclude(email="").first()
    if entry:
        is_confirmed = entry.state != Entry.State.UNCONFIRMED
        send_once(
            f"drop-entry:{entry.pk}:{uuid7().hex}",
            to=entry.email,
            subject=f"Your entry: {entry.drop.name}" if is_confirmed else f"Confirm your entry: {entry.drop.name}",
            template="drop_entry",
            context={"drop": entry.drop.name, "is_in": is_confirmed, "link": link_to(entry.drop.slug, entry.pk)},
        )


def send_postponed(payload: Mapping[str, Any]) -> None:
    """Handle `drop.postponed`: mail each entrant the new date, once per date."""
    pending_states = [Entry.State.UNCONFIRMED, Entry.State.ENTERED]
    entry = Entry.objects.select_related("drop").filter(pk=payload["entry"], state__in=pending_states).exclude(email="").first()
    if entry and (postponed_at := entry.drop.postponed_at):
        drop = entry.drop
        send_once(
            f"drop-postponed:{entry.pk}:{postponed_at:%Y%m%dT%H%M%S%f}",
            to=entry.email,
            subject=f"Postponed: {drop.name}",
            template="drop_postponed",
            context={
                "drop": drop.name,
                "reason": drop.postponed_reason,
                "is_confirmed": entry.state == Entry.State.ENTERED,
                "has_opened": drop.opens_at <= postponed_at,
                "opens": format_moment(drop.opens_at),
                "closes": format_moment(drop.closes_at) if drop.closes_at else "",
                "link": link_to(drop.slug, entry.pk),
            },
        )


def send_right(payload: Mapping[str, Any]) -> None:
    """Handle `drop.won`: mail the winner the deadline by which to buy."""
    entry = (
        Entry.objects.select_related("drop").filter(pk=payload["entry"], state=Entry.State.OFFERED).exclude(email="").first()
    )
    if entry and entry.claim_by:
        deadline = entry.claim_by.astimezone(shop_zone())
        send_once(
            f"drop-won:{entry.pk}",
            to=entry.email,
            subject=f"You were drawn: {entry.drop.name}",
            template="drop_won",
            context={
                "drop": entry.drop.name,
                "place": entry.place,
                "until": f"{deadline:%H:%M} on {deadline:%A} {deadline.day} {deadline:%B}, {zone_name(deadline)}",
                "link": link_to(entry.drop.slug, entry.pk),
            },
        )
