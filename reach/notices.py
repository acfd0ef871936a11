"""What a party is told: the kinds, and one notice as it goes out."""

from dataclasses import dataclass, field
from typing import Literal

from django.db import models


class Kind(models.TextChoices):
    """What a notice is about."""

    JOIN_CONFIRM = "join_confirm", "joined"
    CALLED = "called", "called"
    MORE_TIME = "more_time", "more time given"
    POS_2 = "pos_2", "next in line"
    POS_5 = "pos_5", "fifth in line"
    AHEAD = "ahead", "as near as its guest chose"
    MESSAGE = "message", "message of the host"
    DIRECT = "direct", "message to this guest alone"
    LATE = "late", "time to come is over"
    REMOVED = "removed", "removed"
    NO_SHOW = "no_show", "no-show"
    CLOSED = "closed", "line closed"
    BACK = "back", "back in line"
    VISIT = "visit", "question after the visit"
    CODE = "code", "code that proves the number"
    TEST = "test", "test"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A notice (contract queueup.md, Push) and its urgency.

    `ttl_s`: seconds that it is worth delivering late. A newer one of the same `topic` replaces an unfetched one where the way
    can do that (push: RFC 8030, 5.4).
    """

    kind: str
    title: str = field(repr=False)
    body: str = field(repr=False)
    url: str
    ttl_s: int
    urgency: Literal["low", "normal", "high"] = "normal"
    topic: str = ""
