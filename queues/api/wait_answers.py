"""The waits in answers to clients: of each place, and by party size (queues/waits.py)."""

from typing import Any

from rest_framework import serializers


class WaitBySize(serializers.ListField):
    """[guests, low, high] in ms by class of size: for parties of up to so many guests; null: of any more."""

    child = serializers.ListField(child=serializers.IntegerField(allow_null=True), min_length=3, max_length=3)


class WaitsOfPlaces(serializers.Serializer[Any]):
    """The waits of parties of one class of size, at each place."""

    guests = serializers.IntegerField(allow_null=True, help_text="Parties of up to so many; null: of any more.")
    runs = serializers.ListField(
        child=serializers.ListField(child=serializers.IntegerField(), min_length=3, max_length=3),
        help_text="[places, low, high]: so many places from the first, or from the run before, wait so long, in ms.",
    )
