"""The schema of a picture, for every app that shows one."""

from rest_framework import serializers

from noirel.core.http import Out


class RenditionOut(Out):
    format = serializers.ChoiceField(choices=["avif", "webp", "jpeg", "png"])
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    url = serializers.CharField()


class FocalOut(Out):
    x = serializers.IntegerField()
    y = serializers.IntegerField()


class PictureOut(Out):
    id = serializers.UUIDField()
    alt = serializers.CharField()
    view = serializers.CharField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    ground = serializers.CharField(help_text="A CSS colour.")
    focal = FocalOut(allow_null=True, help_text="In percent of width and height; what is seen however it is cut.")
    renditions = RenditionOut(many=True)
