"""The shapes of drops in the schema, and what comes in."""

from rest_framework import serializers

from noirel.content.shapes import PictureOut
from noirel.core.http import EmailField, In, MoneyOut, Out, SlugField, TextField
from noirel.drops.models import Drop, Entry

STATUSES = [status for status in Drop.Status.values if status != "draft"]
ACTS = ["edit", "announce", "postpone", "close", "draw", "end"]
ENTRY_STATES = ["unconfirmed", "entered", "won", "claimed", "lapsed", "waiting", "ended"]


class DropProductOut(Out):
    slug = serializers.CharField()
    name = serializers.CharField()
    subtitle = serializers.CharField()
    attributes = serializers.DictField(child=serializers.JSONField())


class DropVariantOut(Out):
    sku = serializers.CharField()
    title = serializers.CharField()
    price = MoneyOut()
    product = DropProductOut()
    image = PictureOut(allow_null=True)
    in_stock = serializers.BooleanField()


class LotteryOut(Out):
    algorithm = serializers.CharField()
    commitment = serializers.CharField(help_text="SHA-256 of the seed, in hex; told before entries open.")
    committed_at = serializers.DateTimeField()
    units = serializers.IntegerField()
    winners = serializers.IntegerField(help_text="How many rights to buy there are at a time.")
    claim_seconds = serializers.IntegerField()
    beacon_source = serializers.CharField(allow_blank=True)
    beacon = serializers.CharField(allow_null=True, allow_blank=True)
    entry_count = serializers.IntegerField(allow_null=True)
    entries_hash = serializers.CharField(allow_null=True)
    listed_at = serializers.DateTimeField(allow_null=True)
    drawn_at = serializers.DateTimeField(allow_null=True)


class PostponedOut(Out):
    at = serializers.DateTimeField(help_text="When it was postponed last.")
    announced_opens_at = serializers.DateTimeField(help_text="What was announced first.")
    announced_closes_at = serializers.DateTimeField(allow_null=True)
    reason = serializers.CharField(allow_blank=True)


class DropOut(Out):
    slug = serializers.CharField()
    name = serializers.CharField()
    words = serializers.CharField()
    mode = serializers.ChoiceField(choices=Drop.Mode.values)
    status = serializers.ChoiceField(choices=STATUSES)
    opens_at = serializers.DateTimeField()
    closes_at = serializers.DateTimeField(allow_null=True)
    per_person = serializers.IntegerField()
    per_address = serializers.IntegerField()
    hold_seconds = serializers.IntegerField()
    postponed = PostponedOut(allow_null=True)
    variants = DropVariantOut(many=True)
    lottery = LotteryOut(allow_null=True)


class DrawOut(LotteryOut):
    drop = serializers.CharField()
    entries = serializers.ListField(child=serializers.UUIDField(), allow_null=True)
    seed = serializers.CharField(allow_null=True)
    order = serializers.ListField(child=serializers.UUIDField(), allow_null=True)


class EntryIn(In):
    email = EmailField(required=False, allow_blank=True)


class ConfirmIn(In):
    token = serializers.CharField(max_length=64)


class EntryOut(Out):
    id = serializers.UUIDField()
    token = serializers.CharField()
    drop = serializers.CharField()
    state = serializers.ChoiceField(choices=ENTRY_STATES)
    entered_at = serializers.DateTimeField(allow_null=True)
    place = serializers.IntegerField(allow_null=True)
    claim_by = serializers.DateTimeField(allow_null=True)
    order = serializers.CharField(allow_null=True)


class EnteredOut(Out):
    entry = EntryOut(allow_null=True, help_text="null: a mail is on its way, and confirms the entry.")


class DropIn(In):
    slug = SlugField(max_length=80)
    name = TextField(max_length=120)
    words = TextField(multiline=True, max_length=5000, allow_blank=True, required=False)
    mode = serializers.ChoiceField(choices=Drop.Mode.values, required=False)
    opens_at = serializers.DateTimeField()
    closes_at = serializers.DateTimeField(allow_null=True, required=False)
    per_person = serializers.IntegerField(min_value=1, max_value=99, required=False)
    per_address = serializers.IntegerField(min_value=1, max_value=999, required=False)
    hold_seconds = serializers.IntegerField(min_value=60, max_value=1800, required=False)
    units = serializers.IntegerField(min_value=1, max_value=1_000_000, allow_null=True, required=False)
    claim_seconds = serializers.IntegerField(min_value=600, max_value=14 * 86400, required=False)
    beacon_source = serializers.CharField(max_length=200, allow_blank=True, required=False)
    variants = serializers.ListField(child=serializers.CharField(max_length=64), max_length=50)


class PostponeIn(In):
    opens_at = serializers.DateTimeField(required=False)
    closes_at = serializers.DateTimeField(required=False)
    reason = serializers.CharField(max_length=500, allow_blank=True, required=False)


class DrawIn(In):
    beacon = serializers.CharField(max_length=200, allow_blank=True, required=False)


class AdminDropOut(Out):
    slug = serializers.CharField()
    name = serializers.CharField()
    words = serializers.CharField()
    mode = serializers.ChoiceField(choices=Drop.Mode.values)
    status = serializers.ChoiceField(choices=Drop.Status.values)
    opens_at = serializers.DateTimeField()
    closes_at = serializers.DateTimeField(allow_null=True)
    per_person = serializers.IntegerField()
    per_address = serializers.IntegerField()
    hold_seconds = serializers.IntegerField()
    units = serializers.IntegerField(allow_null=True)
    claim_seconds = serializers.IntegerField()
    beacon_source = serializers.CharField()
    variants = serializers.ListField(child=serializers.CharField())
    lottery = LotteryOut(allow_null=True)
    postponed = PostponedOut(allow_null=True)
    counts = serializers.DictField(child=serializers.IntegerField(), help_text="Units taken; entries by state.")
    acts = serializers.ListField(child=serializers.ChoiceField(choices=ACTS))
    announced_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    updated_at = serializers.DateTimeField()


class AdminEntryOut(Out):
    id = serializers.UUIDField()
    email = serializers.CharField()
    state = serializers.ChoiceField(choices=Entry.State.values)
    place = serializers.IntegerField(allow_null=True)
    created_at = serializers.DateTimeField()
    claim_by = serializers.DateTimeField(allow_null=True)
    order = serializers.CharField(allow_null=True)
