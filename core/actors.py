"""Who gives a command: a guest, a host, staff or the system."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["guest", "host", "staff", "system"]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who gives a command. `user_id` is set only for people who are signed in; a host token or a guest's phone has none."""

    kind: Kind
    user_id: int | None = None


GUEST = Actor("guest")
HOST = Actor("host")
SYSTEM = Actor("system")
