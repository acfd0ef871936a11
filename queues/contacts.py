"""Where a guest may be reached, as far as the line knows: chosen at the join, kept by the slice above in the same transaction.

That slice is named by a dotted string, as the outbox names its handlers, for lines do not know how guests are reached.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

from django.utils.module_loading import import_string

if TYPE_CHECKING:
    from queues.models import Queue

# As guests type them.
LONGEST_NUMBER, LONGEST_EMAIL = 40, 254
OFFERED_BY, CHECKED_BY, KEPT_BY = "reach.choosing.offered", "reach.choosing.checked", "reach.commands.keep"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A number (E.164) or an address, checked, and the ways that the guest chose, by name and in order (none: the venue's).
    `origin`: the scheme and host under which the guest finds this site."""

    number: str = field(default="", repr=False)
    email: str = field(default="", repr=False)
    ways: tuple[str, ...] = ()
    language: str = "en"
    origin: str = ""

    @property
    def kept(self) -> bool:
        """Whether there is something to keep."""
        return bool(self.number or self.email)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """What a guest of a line may give."""

    number: bool = False
    email: bool = False


class Keep(Protocol):
    def __call__(self, chosen: Sequence[tuple[UUID, Contact]], *, at: datetime) -> None: ...


def offered(line: "Queue") -> Offered:
    """What the line's venue asks a guest for."""
    found: Offered = import_string(OFFERED_BY)(line)
    return found


def checked(line: "Queue", **typed: Any) -> Contact:
    """The contact that a guest typed: number, email, ways, language, origin. Raises Invalid, which names the field."""
    found: Contact = import_string(CHECKED_BY)(line, **typed)
    return found


def keep(chosen: Sequence[tuple[UUID, Contact]], *, at: datetime) -> None:
    """Stores contacts by their parties' ids, in the open transaction."""
    kept_by: Keep = import_string(KEPT_BY)
    kept_by(chosen, at=at)
