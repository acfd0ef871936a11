"""One change of one poll: exclusive lock, clock, check, write, version, event; all or nothing (laws 2, 3, 4, 10)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import OperationalError, transaction
from psycopg.errors import DeadlockDetected, LockNotAvailable

from config.errors import Busy, NotFound
from outbox import clock
from outbox.actors import Actor
from outbox.record import Happening, record
from polls.locks import lock_exclusive
from polls.models import Poll

STREAM = "poll"


class Change:
    """A poll under its lock, at one instant."""

    def __init__(self, poll: Poll, *, now: datetime, actor: Actor, action: str) -> None:
        self.poll = poll
        self.now = now
        self.actor = actor
        self.action = action
        self._changes: dict[str, list[Any]] = {}
        self._happenings: list[Happening] = []

    def set(self, **fields: Any) -> None:
        """Changes the poll's fields; what is equal already is not a change."""
        for name, value in fields.items():
            before = getattr(self.poll, name)
            if before != value:
                setattr(self.poll, name, value)
                self._changes[name] = [plain(before), plain(value)]

    def tell(self, event: str, **data: Any) -> None:
        """Says what was done, as an event."""
        told = {"pollId": str(self.poll.pk), **data}
        self._happenings.append(Happening(type=event, data=told, changes={"poll": self._changes}))
        self._changes = {}

    def finish(self, *, keep: bool = True) -> None:
        """version += 1, the row saved (unless it is to go), the events recorded; once."""
        if not self._happenings:
            return
        self.poll.version += 1
        if keep:
            self.poll.save()
        record(
            self._happenings,
            stream=STREAM,
            stream_id=self.poll.pk,
            version=self.poll.version,
            at=self.now,
            actor=self.actor,
            action=self.action,
        )
        self._happenings = []


def plain(value: Any) -> Any:
    """A field's value as it stands in an event's JSON."""
    return value.isoformat() if isinstance(value, datetime) else value


@contextmanager
def change(poll_id: UUID, *, actor: Actor, action: str) -> Iterator[Change]:
    """Locks the poll against ballots and commands, reads the clock, and commits what the block did.

    Raises NotFound for an unknown poll, Busy when the lock takes longer than law 2 allows.
    """
    try:
        with transaction.atomic(durable=True):
            lock_exclusive(poll_id)
            poll = Poll.objects.filter(pk=poll_id).first()
            if poll is None:
                raise NotFound("There is no such poll.")
            current = Change(poll, now=clock.now(), actor=actor, action=action)
            yield current
            current.finish()
    except OperationalError as problem:
        if isinstance(problem.__cause__, LockNotAvailable | DeadlockDetected):
            raise Busy("This poll is very busy. Please try again.") from problem
        raise
