"""Fields and shapes of answers that the JSON APIs share."""

from datetime import datetime
from typing import Any

from rest_framework import serializers

from core.clock import milliseconds

Ms = serializers.IntegerField
OK = {"ok": True}


class Moment(serializers.IntegerField):
    """A time, answered as ms since 1970."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"help_text": "ms since 1970", **options})

    def to_representation(self, value: datetime) -> int:  # type: ignore[override]
        return milliseconds(value)


def kind(*values: str) -> serializers.ChoiceField:
    """A field with one of these values, by which clients tell shapes apart."""
    return serializers.ChoiceField(choices=list(values))


class Done(serializers.Serializer[Any]):
    """Success."""

    ok = serializers.BooleanField()


class RenewedToken(serializers.Serializer[Any]):
    """The new host token; all that were given before have ended."""

    hostToken = serializers.CharField()
