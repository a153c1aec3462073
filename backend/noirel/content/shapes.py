"""The schema of a picture, for every app that shows one."""

from rest_framework import serializers

from noirel.core.api import Out


class RenditionOut(Out):
    format = serializers.ChoiceField(choices=["avif", "webp", "jpeg", "png"])
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    url = serializers.CharField()


class PictureOut(Out):
    id = serializers.UUIDField()
    alt = serializers.CharField()
    view = serializers.CharField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    ground = serializers.CharField(help_text="A CSS colour.")
    focal = serializers.JSONField(allow_null=True)
    renditions = RenditionOut(many=True)
