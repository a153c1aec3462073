"""Entering a lottery: once a person, for nothing, and with a mailbox that is theirs."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from noirel.accounts.models import User
from noirel.core.domain.errors import FieldError, Invalid, NotFound
from noirel.core.events import publish
from noirel.core.http.throttling import hit
from noirel.core.shop_time import format_moment
from noirel.core.viewer import Viewer
from noirel.drops.errors import DropClosed, DropNotOpen
from noirel.drops.models import Drop, Entry
from noirel.drops.person import Person, keys_of, plain_email
from noirel.drops.tokens import opens


@transaction.atomic
def enter(viewer: Viewer, slug: str, *, email: str = "") -> Entry | None:
    """Take part. Who is signed in with a confirmed address is in at once and gets their entry, however often they ask.

    Anybody else gets a mail to confirm it by, and None: the answer never says whether an address has entered before. Raises
    NotFound, DropNotOpen, DropClosed; Invalid without an address. Locks the drop against the end of its entries.
    """
    drop = _open_lottery(slug)
    user = User.objects.get(pk=viewer.user_id) if viewer.user_id else None
    address = user.email if user else email
    if not address:
        raise Invalid(errors=[FieldError("email", "required", "An address to write to.")])
    # An account whose address nobody has confirmed may name anybody's: it is no more than a guest with that address.
    known = user if user and user.email_verified else None
    entry = _entry(drop, known, address)
    if known:
        return _confirm(entry)
    # Past the limit there is no further mail and the answer is the same: whoever asked, the mails before came to the mailbox of
    # the entry, and their link works.
    if not hit("drop_mail", f"{slug}:{plain_email(address)}"):
        publish("drop.entry_asked", key=f"entry:{entry.pk}", payload={"entry": str(entry.pk)})
    return None


@transaction.atomic
def confirm(slug: str, entry_id: UUID, *, token: str) -> Entry:
    """The mail has come to whoever entered: they take part. A second time changes nothing.

    Raises NotFound for a wrong token as for no entry; DropClosed once entries have closed. Locks the drop against that.
    """
    entry = entry_of(slug, entry_id, token=token)
    if entry.state != Entry.State.UNCONFIRMED:
        return entry
    _open_lottery(slug)
    return _confirm(entry)


def entry_of(slug: str, entry_id: UUID, *, token: str) -> Entry:
    """The one door to an entry by its id. Raises NotFound for a wrong token as for no entry."""
    if not opens(token, entry_id):
        raise NotFound("There is no such entry.")
    entry = Entry.objects.select_related("drop").filter(pk=entry_id, drop__slug=slug).first()
    if entry is None:
        raise NotFound("There is no such entry.")
    return entry


def forget(payload: Mapping[str, Any]) -> None:
    """An account was erased: its entries lose their address. Runs in that transaction."""
    Entry.objects.filter(user_id=payload["user_id"]).update(email="")


def _open_lottery(slug: str) -> Drop:
    drop = Drop.objects.raw("SELECT * FROM drops_drop WHERE slug = %s FOR SHARE", [slug])
    found = next((one for one in drop if one.is_live and one.mode == Drop.Mode.LOTTERY), None)
    if found is None:
        raise NotFound("There is no such lottery.")
    now = timezone.now()
    if now < found.opens_at:
        opens_at = found.terms.json()["opens_at"]
        raise DropNotOpen(f"Entries open on {format_moment(found.opens_at)}.", drop=slug, opens_at=opens_at)
    if found.status != Drop.Status.ANNOUNCED or found.closes_at is None or now >= found.closes_at:
        raise DropClosed("Entries have closed.", drop=slug)
    return found


def _entry(drop: Drop, user: User | None, email: str) -> Entry:
    """This person's entry, made when there is none: by account and by mailbox, whichever is known already."""
    (mail_key,) = keys_of(Person(emails=(email,)))
    user_key = keys_of(Person(user_id=user.pk))[0] if user else None
    there = Entry.objects.filter(drop=drop, user_key=user_key).first() if user_key else None
    there = there or Entry.objects.filter(drop=drop, mail_key=mail_key).first()
    if there is None:
        fresh = Entry(drop=drop, user=user, email=email, mail_key=mail_key, user_key=user_key)
        # Without an error when the same person enters at the same moment: a violated constraint would be logged with its row.
        Entry.objects.bulk_create([fresh], ignore_conflicts=True)
        there = Entry.objects.filter(drop=drop, user_key=user_key).first() if user_key else None
        there = there or Entry.objects.filter(drop=drop).get(mail_key=mail_key)
    if user and there.user_key is None:  # entered as a guest, now at home
        there.user, there.user_key = user, user_key
        there.save(update_fields=["user", "user_key"])
    return there


def _confirm(entry: Entry) -> Entry:
    if entry.state == Entry.State.UNCONFIRMED:
        entry.state, entry.confirmed_at = Entry.State.ENTERED, timezone.now()
        entry.save(update_fields=["state", "confirmed_at"])
    return entry
