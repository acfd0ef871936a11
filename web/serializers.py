"""Fields that the JSON APIs share. They do not coerce types: 7 is no string."""

import re
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.clock import milliseconds
from core.visible import checked_text, trimmed

# Bounds of a time in ms since 1970: the years 2000 and 2100. What lies beyond is a mistake, such as seconds.
EARLIEST_MS = 946_684_800_000
LATEST_MS = 4_102_444_800_000
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)", re.ASCII)


class Text(serializers.CharField):
    """A string. Control characters are refused, and so is a text that consists of invisible characters only; `required` and
    `allow_blank` decide about a missing or empty one.
    """

    def to_internal_value(self, data: Any) -> str:
        """Trimmed. Raises ValidationError (400) naming the field."""
        if not isinstance(data, str):
            raise serializers.ValidationError("must be a string.")
        text: str = super().to_internal_value(data)
        try:
            return checked_text(text)
        except ValueError as problem:
            raise serializers.ValidationError(str(problem)) from None


class OptionalText(Text):
    """A text that may be left out, empty or null."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"required": False, "allow_blank": True, "allow_null": True, **options})


class CutText(Text):
    """A string that is cut to `cut_to` characters when it is longer (contract: location, contactInfo)."""

    def __init__(self, *, cut_to: int, **options: Any) -> None:
        super().__init__(**options)
        self.cut_to = cut_to

    def to_internal_value(self, data: Any) -> str:
        """Trimmed and cut."""
        return trimmed(super().to_internal_value(data)[: self.cut_to])


class Whole(serializers.IntegerField):
    """A whole number: 3 or 3.0, never true, never "3" unless `numeric_strings`."""

    def __init__(self, *, numeric_strings: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self.numeric_strings = numeric_strings

    def to_internal_value(self, data: Any) -> int:
        """Raises ValidationError (400) naming the field."""
        fits = isinstance(data, int | float) and not isinstance(data, bool)
        if not (fits or self.numeric_strings and isinstance(data, str)):
            raise serializers.ValidationError("must be a whole number.")
        if isinstance(data, float) and not data.is_integer():
            raise serializers.ValidationError("must be a whole number.")
        try:
            number: int = super().to_internal_value(
                int(data) if isinstance(data, float) else data.strip() if isinstance(data, str) else data
            )
        except serializers.ValidationError:
            raise serializers.ValidationError("must be a whole number.") from None
        return number


class Flag(serializers.BooleanField):
    """true or false; no string or number."""

    def to_internal_value(self, data: Any) -> bool:
        """Raises ValidationError (400) naming the field."""
        if not isinstance(data, bool):
            raise serializers.ValidationError("must be true or false.")
        return data


class Milliseconds(Whole):
    """A moment in ms since 1970, between 2000 and 2100."""

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=EARLIEST_MS, max_value=LATEST_MS, **options)

    def to_internal_value(self, data: Any) -> datetime:  # type: ignore[override]
        """An aware time. Raises ValidationError (400) naming the field."""
        number = self.run_number(data)
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=number)

    def run_number(self, data: Any) -> int:
        """The number itself, within bounds."""
        number = super().to_internal_value(data)
        if not EARLIEST_MS <= number <= LATEST_MS:
            raise serializers.ValidationError("must be a time in ms between the years 2000 and 2100.")
        return number

    def run_validators(self, value: Any) -> None:
        """Bounds were checked on the number."""


class Identifier(serializers.UUIDField):
    """A UUID as a string. DRF's UUIDField would accept a number, too."""

    def to_internal_value(self, data: Any) -> UUID:
        """Raises ValidationError (400) naming the field."""
        if not isinstance(data, str):
            raise serializers.ValidationError("must be a UUID.")
        found: UUID = super().to_internal_value(data)
        return found


@extend_schema_field({"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"})
class TimeOfDay(serializers.Field):
    """`HH:mm`, 24 hours."""

    def to_internal_value(self, data: Any) -> time:
        """Raises ValidationError (400) naming the field."""
        found = _CLOCK.fullmatch(data.strip()) if isinstance(data, str) else None
        if found is None:
            raise serializers.ValidationError("must be a time such as 18:30.")
        return time(int(found[1]), int(found[2]))

    def to_representation(self, value: time) -> str:
        """`HH:mm` again."""
        return value.strftime("%H:%M")


EXAMPLE_ID = "3f0e1c9a-6d5b-4c2e-9a7f-1b2c3d4e5f60"


# ------------------------------------------------------------------------------------------------------------- of answers
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
