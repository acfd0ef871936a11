"""The ways to reach a guest: a table of one function each, so that another is one file and one line."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal
from uuid import UUID

from django.utils.module_loading import import_string

from queues.models import Party
from reach.models import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One notice to one guest. `key`: the message's id, by which the other side can tell a repetition. `to`: a number (E.164) or
    an address; for browsers the party's id. `url`: the guest's ticket, absolute."""

    key: UUID
    venue_id: UUID | None
    to: str = field(repr=False)
    kind: str
    title: str = field(repr=False)
    body: str = field(repr=False)
    url: str = field(repr=False)
    language: str


# What a message's `way` says where the open page of the ticket showed the call: nothing was sent, and it arrived.
PAGE = "page"


class Result(StrEnum):
    """SENT: the other side took it. LATER: try again. REFUSED: it never will. GONE: nobody is there (a way without address)."""

    SENT = "sent"
    LATER = "later"
    REFUSED = "refused"
    GONE = "gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """How one attempt ended. `after_s`: when to try again, if the other side said so. `detail`: its status, nothing personal."""

    result: Result
    provider_id: str = ""
    segments: int | None = None
    cost_micros: int | None = None
    after_s: float | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a way told a party by itself, without a message of ours, or is to: which news (as in News), how far it has come."""

    kind: str
    round: int = 0
    again: int = 0
    at: datetime
    state: Message.State
    detail: str = ""


Send = Callable[[Outgoing], Sent]
ToldBy = Callable[[Sequence[Party]], dict[UUID, list[Told]]]
Delivered = Callable[[UUID], datetime | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A way. `label`: in the venue's words. `address`: what it needs of a guest. `send`: its function, by a dotted string.
    `delivered`: a function that says of a message (`key`) when it arrived, where receipts are not written into its row. `told`:
    one that says what the way told these parties (by id), where it also tells parties that have no contact."""

    name: str
    label: str
    address: Literal["number", "email", "browser"]
    send: str
    delivered: str = ""
    told: str = ""

    def load(self) -> Send:
        """The function that sends."""
        found: Send = import_string(self.send)
        return found

    def arrived_at(self, key: UUID) -> datetime | None:
        """When the message arrived, as far as the way itself knows."""
        if not self.delivered:
            return None
        found: Delivered = import_string(self.delivered)
        return found(key)

    def told_by_itself(self, parties: Sequence[Party]) -> dict[UUID, list[Told]]:
        """By party's id: what the way told each by itself, in a number of statements that does not depend on theirs."""
        if not self.told:
            return {}
        found: ToldBy = import_string(self.told)
        return found(parties)


WAYS: dict[str, Way] = {
    way.name: way
    for way in (
        Way(
            name="push",
            label="Push",
            address="browser",
            send="push.way.send",
            delivered="push.way.arrived_at",
            told="push.way.told",
        ),
        Way(name="sms", label="SMS", address="number", send="reach.ways.sms.send"),
        Way(name="whatsapp", label="WhatsApp", address="number", send="reach.ways.whatsapp.send"),
        Way(name="email", label="E-mail", address="email", send="reach.ways.email.send"),
    )
}
