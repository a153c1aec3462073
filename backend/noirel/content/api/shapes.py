"""What staff send and get."""

from rest_framework import serializers

from noirel.content.pixels import TYPES
from noirel.content.shapes import PictureOut
from noirel.core.http import In, Out


class MediaOut(PictureOut):
    preview = serializers.CharField(help_text="The picture at 16 pixels, as a data: address.")
    status = serializers.ChoiceField(choices=["waiting", "ready", "failed"], help_text="Whether its renditions are made.")
    problem = serializers.CharField(help_text="Why they are not and won't be.")
    created_at = serializers.DateTimeField()


class FocalIn(In):
    x = serializers.IntegerField(min_value=0, max_value=100)
    y = serializers.IntegerField(min_value=0, max_value=100)


class MediaIn(In):
    focal = FocalIn(allow_null=True, help_text="In percent of width and height; null is the middle.")
    alt = serializers.CharField(max_length=400, allow_blank=True, help_text="What is seen, for those who don't see it.")


class NewUploadIn(In):
    name = serializers.CharField(max_length=255, help_text="For people; what is inside decides.")
    content_type = serializers.ChoiceField(choices=list(TYPES))
    bytes = serializers.IntegerField(min_value=1)


class UploadConfirmIn(In):
    alt = serializers.CharField(max_length=400, allow_blank=True, required=False, default="")


class TicketOut(Out):
    method = serializers.ChoiceField(choices=["POST"])
    url = serializers.CharField()
    fields = serializers.DictField(  # type: ignore[assignment]  # a name of DRF's own
        child=serializers.CharField(), help_text="Parts of the form, before the file, which is called `file`."
    )
    expires_at = serializers.DateTimeField()


class UploadOut(Out):
    id = serializers.UUIDField()
    ticket = TicketOut()
