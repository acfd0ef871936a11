"""One change of one poll or room: exclusive lock, clock, check, write, version, event; all or nothing (laws 2, 3, 4, 10)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db import OperationalError, transaction
from psycopg.errors import DeadlockDetected, LockNotAvailable

from core import clock
from core.actors import Actor
from core.errors import Busy, NotFound
from core.refusals import BUSY
from outbox.record import Happening, record
from polls.locks import lock_exclusive
from polls.models import Poll
from rooms.models import Room

Subject = TypeVar("Subject", Poll, Room)

STREAMS: dict[type[Poll] | type[Room], str] = {Poll: "poll", Room: "room"}


class Change(Generic[Subject]):
    """A poll or room under its lock, at one instant."""

    subject: Subject

    def __init__(self, subject: Subject, *, at: datetime, actor: Actor, action: str) -> None:
        self.subject = subject
        self.at = at
        self.actor = actor
        self.action = action
        self._stream = STREAMS[type(subject)]
        self._changes: dict[str, list[Any]] = {}
        self._happenings: list[Happening] = []

    def set(self, **fields: Any) -> None:
        """Changes the subject's fields; what is equal already is not a change."""
        for name, value in fields.items():
            before = getattr(self.subject, name)
            if before != value:
                setattr(self.subject, name, value)
                self._changes[name] = [plain(before), plain(value)]

    def emit(self, event: str, **data: Any) -> None:
        """Says what was done, as an event."""
        told = {f"{self._stream}Id": str(self.subject.pk), **data}
        # Of polls that belong to no line no ticket shows anything.
        effects = None if getattr(self.subject, "queue_id", None) else ()
        self._happenings.append(
            Happening(type=event, data=told, changes={self._stream: self._changes}, effects=effects)
        )
        self._changes = {}

    def finish(self, *, keep: bool = True) -> None:
        """version += 1, the row saved (unless it is to go), the events recorded; once."""
        if not self._happenings:
            return
        self.subject.version += 1
        if keep:
            self.subject.save()
        record(
            self._happenings,
            stream=self._stream,
            stream_id=self.subject.pk,
            version=self.subject.version,
            at=self.at,
            actor=self.actor,
            action=self.action,
        )
        self._happenings = []


def plain(value: Any) -> Any:
    """A field's value as it stands in an event's JSON."""
    return value.isoformat() if isinstance(value, datetime) else value


@contextmanager
def locked(kind: type[Subject], pk: UUID, *, actor: Actor, action: str) -> Iterator[Change[Subject]]:
    """Locks the row against ballots and commands, reads the clock, and commits what the block did.

    Raises NotFound for an unknown one, Busy when the lock takes longer than law 2 allows.
    """
    with busy_if_locked(), transaction.atomic(durable=True):
        lock_exclusive(pk)
        subject: Any = kind.objects.filter(pk=pk).first()
        if subject is None:
            raise NotFound(f"There is no such {STREAMS[kind]}.")
        current: Change[Subject] = Change(subject, at=clock.now(), actor=actor, action=action)
        yield current
        current.finish()


@contextmanager
def busy_if_locked() -> Iterator[None]:
    """Turns a lock that could not be had in time (law 2) into Busy."""
    try:
        yield
    except OperationalError as problem:
        if isinstance(problem.__cause__, LockNotAvailable | DeadlockDetected):
            raise Busy(BUSY) from problem
        raise
