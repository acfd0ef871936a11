"""What the commands that make something share: a row is made once per idempotency key, and its name can be seen."""

from typing import TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Model

from core.errors import Invalid
from core.visible import shown
from venues.models import ApiKey, HoursException, Invitation, Membership, Service, User, Venue
from venues.pairing import PairingCode
from web import idempotency

Made = TypeVar("Made", Venue, User, Membership, Invitation, ApiKey, Service, HoursException, PairingCode)


def made_with(model: type[Made], key: str) -> Made | None:
    """What of this model was made with this idempotency key; None when there is none."""
    return idempotency.made_with(model, create_key(model, key))


def create_key(model: type[Model], key: str) -> str | None:
    """The stored form of an idempotency key; None without one."""
    return idempotency.create_key(str(model._meta.model_name), key)


def visible(text: str, field: str) -> str:
    """The trimmed text. Raises ValidationError, as the models do, when nothing of it is visible."""
    try:
        return shown(text, field)
    except Invalid as problem:
        raise ValidationError({field: problem.message.removeprefix(f"{field}: ")}) from None
