"""Schemas shared by carts and orders."""

from rest_framework import serializers

from noirel.core.http import Out


class AheadOut(Out):
    """Units of a line that are sold before they are in stock."""

    policy = serializers.ChoiceField(choices=["backorder", "preorder"])
    units = serializers.IntegerField()
    expected_on = serializers.DateField(allow_null=True, help_text="null while the day is unknown.")
