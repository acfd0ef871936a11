"""What a guest's program sends about where and how its guest is told."""

from typing import Annotated, Any, ClassVar

from msgspec import UNSET, Meta, UnsetType

from queues.bodies import EmailAddress, MobileNumber, PartyBody
from web.body_types import Text

MOST_WAYS = 8


class WayName(Text, longest=12):
    """A way of the venue: push, sms, whatsapp, email."""


class CodeText(Text, longest=20):
    """A code of six digits, however it is written."""

    @classmethod
    def schema(cls) -> dict[str, Any]:
        return {"type": "string", "pattern": "^[0-9]{3}[ -]?[0-9]{3}$"}


class ChooseWaysBody(PartyBody):
    """POST .../choose-ways: what is not sent stays; an empty number or address is forgotten, no ways are the venue's."""

    example: ClassVar[dict[str, Any]] = {**PartyBody.example, "ways": ["push"]}

    number: MobileNumber | UnsetType = UNSET
    email: EmailAddress | UnsetType = UNSET
    ways: Annotated[list[WayName], Meta(max_length=MOST_WAYS)] | UnsetType = UNSET


class ProveNumberBody(PartyBody):
    """POST .../prove-number."""

    example: ClassVar[dict[str, Any]] = {**PartyBody.example, "code": "123456"}

    code: CodeText
