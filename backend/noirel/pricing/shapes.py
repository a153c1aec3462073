"""What bags and orders say of prices and promises alike."""

from rest_framework import serializers

from noirel.core.http import Out


class AheadOut(Out):
    """Units of a line that are sold before they are here."""

    policy = serializers.ChoiceField(choices=["backorder", "preorder"])
    units = serializers.IntegerField()
    expected_on = serializers.DateField(allow_null=True, help_text="null: nobody knows the day yet.")
