"""Providers of SMS and WhatsApp: each is a module with `send`, named in PROVIDERS. They know no database.

Logs and outcomes hold no number, no text and no secret (law 8).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from django.utils.module_loading import import_string

from core.privacy import scrubbed
from core.visible import without_controls
from outbox.retry_after import seconds_of

MICROS = 1_000_000
LONGEST_REASON = 80
# The longest Retry-After that is honoured: ten minutes later a call is old news.
LONGEST_WAIT_S = 600
# Seven digits or more, as numbers of phones are written.
_NUMBER = re.compile(r"\+?\d(?:[ ().-]{0,2}\d){6,}")


class Channel(StrEnum):
    """How a text travels."""

    SMS = "sms"
    WHATSAPP = "whatsapp"


class Fate(StrEnum):
    """What became of one attempt. TAKEN: the provider has it. LATER: it may be tried again. UNCLEAR: the same,
    though the provider may have it. REFUSED: it never will take it. GONE: no such number. STOPPED: the guest
    has said STOP to it."""

    TAKEN = "taken"
    LATER = "later"
    UNCLEAR = "unclear"
    REFUSED = "refused"
    GONE = "gone"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Account:
    """How a venue is known to its provider. `sender` is a number, a name, or Twilio's messaging service; `url` and `secret` are
    those of a gateway, the others Twilio's."""

    sid: str = ""
    token: str = field(default="", repr=False)
    sender: str = ""
    template: str = ""
    url: str = field(default="", repr=False)
    secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Text:
    """One text to one number. `key` tells attempts of one message from messages; `receipts` is where its fate is to be told."""

    key: str
    to: str = field(repr=False)
    body: str = field(repr=False)
    channel: Channel
    receipts: str


@dataclass(frozen=True, slots=True)
class Posted:
    """What came of an attempt. `cost_micros`: in millionths of the account's currency, None while the provider has not said.
    `detail` is for hosts and owners."""

    fate: Fate
    detail: str = ""
    provider_id: str = ""
    segments: int | None = None
    cost_micros: int | None = None
    after_s: float | None = None


Send = Callable[[Account, Text], Posted]

# By the name of Provider.kind.
PROVIDERS: dict[str, str] = {
    "twilio": "reach.providers.twilio.send",
    "gateway": "reach.providers.gateway.send",
}


def sender_of(kind: str) -> Send:
    """The function that sends through providers of this kind."""
    send: Send = import_string(PROVIDERS[kind])
    return send


def reason(said: str) -> str:
    """Why a text was not taken or did not arrive, in the other side's words: one short line. It is kept and logged, so numbers,
    addresses and tokens in it become “…”."""
    line = " ".join(without_controls(said).split())
    return scrubbed(_NUMBER.sub("…", line))[:LONGEST_REASON]


def micros(price: object) -> int | None:
    """A price as providers write it ("-0.0075", 0.04) in millionths, without its sign; None where it is none."""
    try:
        told = abs(Decimal(str(price)))
    except InvalidOperation:
        return None
    return int(told * MICROS) if told.is_finite() and told < 1000 else None


def wait_s(retry_after: str | None) -> int | None:
    """Seconds to wait by Retry-After, 0 to LONGEST_WAIT_S. None when it is absent or malformed."""
    return seconds_of(retry_after, most=LONGEST_WAIT_S)
