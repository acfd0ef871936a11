"""Who gives a command: a guest, a host, staff or the system; and which press of a button it is, where it may come again."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

Kind = Literal["guest", "host", "staff", "system"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """A button that was pressed once on a device, however often and late the device sends it (decision 0076).

    `id` is made by the device. `asked` is the fingerprint of what was sent with it, `action` the button's name. `party` is
    the one that the button is about, `version` the line's on the page that the host saw. `own`: versions that earlier actions of
    the same device have made.
    """

    id: UUID
    asked: str
    action: str
    at: datetime
    party: UUID | None = None
    version: int | None = None
    own: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Actor:
    """Who gives a command. `user_id` is set only for people who are signed in; a host token or a guest's phone has none. With a
    `press` the command happens once (queues/sent.py)."""

    kind: Kind
    user_id: int | None = None
    press: Press | None = None


GUEST = Actor("guest")
HOST = Actor("host")
SYSTEM = Actor("system")
