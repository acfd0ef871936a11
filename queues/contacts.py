"""Where a guest may be reached, as far as the line knows: chosen at the join, kept by the slice above in the same transaction.

That slice is named by a dotted string, as the outbox names its handlers, for lines do not know how guests are reached.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from django.utils.module_loading import import_string

KEPT_BY = "reach.commands.keep"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A number (E.164) or an address, checked, and the ways that the guest chose, by name and in order (none: the venue's).
    `origin`: the scheme and host under which the guest finds this site."""

    number: str = ""
    email: str = ""
    ways: tuple[str, ...] = ()
    language: str = "en"
    origin: str = ""

    @property
    def kept(self) -> bool:
        """Whether there is something to keep."""
        return bool(self.number or self.email)


class Keep(Protocol):
    def __call__(self, chosen: Sequence[tuple[UUID, Contact]], *, at: datetime) -> None: ...


def keep(chosen: Sequence[tuple[UUID, Contact]], *, at: datetime) -> None:
    """Stores contacts by their parties' ids, in the open transaction."""
    kept_by: Keep = import_string(KEPT_BY)
    kept_by(chosen, at=at)
