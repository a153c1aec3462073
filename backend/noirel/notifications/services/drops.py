"""Mails about a lottery."""

from collections.abc import Mapping
from typing import Any

from noirel.core.ids import uuid7
from noirel.core.shop_time import shop_zone, zone_name
from noirel.drops.models import Entry
from noirel.drops.tokens import link_to
from noirel.notifications.mail import send_once


def send_entry_link(payload: Mapping[str, Any]) -> None:
    """`drop.entry_asked`: a press on the link and they take part. The way back to the entry for who is in already."""
    entry = Entry.objects.select_related("drop").filter(pk=payload["entry"]).exclude(email="").first()
    if entry:
        is_in = entry.state != Entry.State.UNCONFIRMED
        send_once(
            f"drop-entry:{entry.pk}:{uuid7().hex}",
            to=entry.email,
            subject=f"Your entry: {entry.drop.name}" if is_in else f"Confirm your entry: {entry.drop.name}",
            template="drop_entry",
            context={"drop": entry.drop.name, "is_in": is_in, "link": link_to(entry.drop.slug, entry.pk)},
        )


def send_right(payload: Mapping[str, Any]) -> None:
    """`drop.won`: one mail to who was drawn, with the day by which to buy."""
    entry = (
        Entry.objects.select_related("drop").filter(pk=payload["entry"], state=Entry.State.OFFERED).exclude(email="").first()
    )
    if entry and entry.claim_by:
        until = entry.claim_by.astimezone(shop_zone())
        send_once(
            f"drop-won:{entry.pk}",
            to=entry.email,
            subject=f"You were drawn: {entry.drop.name}",
            template="drop_won",
            context={
                "drop": entry.drop.name,
                "place": entry.place,
                "until": f"{until:%H:%M} on {until:%A} {until.day} {until:%B}, {zone_name(until)}",
                "link": link_to(entry.drop.slug, entry.pk),
            },
        )
