"""What a gateway sends (docs/contracts/sms-gateway.md)."""

from typing import Any, ClassVar, Self

from msgspec import field

from core.visible import without_controls
from web.bodies import Body, default
from web.body_types import OneOf, Text


class CallType(OneOf, words=("message.received", "message.delivered", "message.failed")):
    """What a gateway tells."""


class Short(Text, longest=80, blank=True):
    """A name, a number, a price or a reason."""


class Words(Text, longest=10_000, blank=True, cut=True):
    """What a guest wrote, or a carrier said. Refused it would be lost, so it is cut, and control characters become spaces."""

    @classmethod
    def parse(cls, sent: Any) -> Self:
        if not isinstance(sent, str):
            raise ValueError("must be a string.")
        return cls(without_controls(sent[: cls.longest]).strip())


class GatewayCall(Body):
    """A call of a gateway: `from` and `text` of a guest, or the `id` of a message that arrived or failed."""

    example: ClassVar[dict[str, Any]] = {"type": "message.received", "from": "+34612345678", "text": "9"}

    type: CallType
    id: Short = default(Short(""))
    number: Short = field(name="from", default_factory=lambda: Short(""))
    text: Words = default(Words(""))
    channel: Short = default(Short(""))
    error: Words = default(Words(""))
    cost: Short = default(Short(""))
