"""A lottery: what was promised before it, who is in it, and what came of it.

Commitment, seed, list and draw are written once: PostgreSQL refuses to change or remove them, and to let anybody into a list
that is written down.
"""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from noirel.drops.models.launch import Drop


class Commitment(models.Model):
    """What is promised at the announcement: the seed by its hash, and every rule the draw depends on."""

    drop = models.OneToOneField(Drop, models.PROTECT, primary_key=True, related_name="commitment")
    algorithm = models.CharField(max_length=40)
    commitment = models.CharField(max_length=64)
    units = models.PositiveIntegerField()
    winners = models.PositiveIntegerField()
    beacon_source = models.CharField(max_length=200, blank=True)
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.commitment


class Seed(models.Model):
    """32 random bytes in hex, told to nobody before the draw. A table of its own: reading a drop never reads it."""

    drop = models.OneToOneField(Drop, models.PROTECT, primary_key=True, related_name="+")
    seed = models.CharField(max_length=64)

    def __str__(self) -> str:
        return str(self.drop_id)


class EntryList(models.Model):
    """The entries that take part, by their hash: nobody comes in after it."""

    drop = models.OneToOneField(Drop, models.PROTECT, primary_key=True, related_name="entry_list")
    entries_hash = models.CharField(max_length=64)
    entry_count = models.PositiveIntegerField()
    at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.entries_hash


class Draw(models.Model):
    """The draw as it was made; the places are on the entries."""

    drop = models.OneToOneField(Drop, models.PROTECT, primary_key=True, related_name="draw")
    beacon = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return str(self.drop_id)


class Entry(models.Model):
    """One person in one lottery. Its id says nothing of them and is published; its token is a secret of theirs (tokens.py).

    offered: drawn, may buy until claim_by; claimed: an order has the right (`order`); lapsed: it went on to the next.
    """

    class State(models.TextChoices):
        UNCONFIRMED = "unconfirmed"
        ENTERED = "entered"
        OFFERED = "offered"
        CLAIMED = "claimed"
        LAPSED = "lapsed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    drop = models.ForeignKey(Drop, models.PROTECT, related_name="entries")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    email = models.EmailField(blank=True)
    mail_key = models.CharField(max_length=48)
    user_key = models.CharField(max_length=48, null=True, blank=True)
    state = models.CharField(max_length=11, choices=State, default=State.UNCONFIRMED)
    created_at = models.DateTimeField(auto_now_add=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    place = models.PositiveIntegerField(null=True, blank=True)
    claim_by = models.DateTimeField(null=True, blank=True)
    cart_id = models.UUIDField(null=True, blank=True, db_index=True, help_text="The bag the right is used in.")
    order = models.CharField(max_length=40, blank=True, db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["drop", "mail_key"], name="drop_entry_once_for_a_mail"),
            models.UniqueConstraint(fields=["drop", "user_key"], name="drop_entry_once_for_an_account"),
            models.UniqueConstraint(fields=["drop", "place"], name="drop_entry_place_once"),
            models.CheckConstraint(
                condition=Q(state__in=["unconfirmed", "entered", "offered", "claimed", "lapsed"]), name="drop_entry_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["unconfirmed", "entered"]) | Q(place__isnull=False, claim_by__isnull=False),
                name="drop_entry_right_was_drawn",
            ),
            models.CheckConstraint(condition=~Q(state="claimed") | ~Q(order=""), name="drop_entry_claimed_by_an_order"),
        ]
        indexes = [
            models.Index(fields=["drop", "state", "place"], name="drop_entry_next"),
            models.Index(fields=["claim_by"], condition=Q(state="offered"), name="drop_entry_right_due"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


# A list that is written down is the list: who is in it, and under which id.
FROZEN = """
CREATE FUNCTION drops_entry_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM drops_entrylist WHERE drop_id IN (NEW.drop_id, OLD.drop_id)) THEN
        RAISE EXCEPTION 'the entries of drop % are written down', coalesce(NEW.drop_id, OLD.drop_id)
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN coalesce(NEW, OLD);
END
$$;
CREATE TRIGGER frozen BEFORE INSERT OR DELETE OR UPDATE OF id, drop_id, confirmed_at ON drops_entry
    FOR EACH ROW EXECUTE FUNCTION drops_entry_frozen();
"""
THAWED = "DROP TRIGGER frozen ON drops_entry; DROP FUNCTION drops_entry_frozen();"
