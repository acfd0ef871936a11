"""One change of one row: lock, clock, check, write, version, events; all or nothing (laws 2, 3, 4, 10)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, ClassVar, Generic, Self, TypeVar
from uuid import UUID

from django.db.models import Model

from core import clock
from core.actors import Actor
from core.change import Fields, durable, set_field
from core.errors import existing
from core.locks import lock_exclusive
from core.refusals import Reason
from outbox.record import NewEvent, record

Row = TypeVar("Row", bound=Model)


class Change(Generic[Row]):
    """A row with a `version` under its lock, at one instant (`at`), and what a command does to it.

    Set fields through `set` (never on the model), then `emit` what that was: the event takes all fields set since the last
    `emit`. A slice's subclass names the `stream` of the row's events and under which name their data holds the row's id; and,
    where rows are `locked` by their id, the `model` and the reason when one is `missing`.
    """

    stream: ClassVar[str]
    id_name: ClassVar[str]
    model: ClassVar[Any]
    missing: ClassVar[Reason | str]

    def __init__(self, row: Row, *, at: datetime, actor: Actor, action: str) -> None:
        self.row = row
        self.at = at
        self.actor = actor
        self.action = action
        # Events of the command that is under way, and of those that were before it under the same lock.
        self._events: list[NewEvent] = []
        self._ended: list[NewEvent] = []
        self._fields: Fields = {}
        self._touched: set[str] = set()

    @classmethod
    @contextmanager
    def locked(cls, pk: UUID, *, actor: Actor, action: str) -> Iterator[Self]:
        """Locks the row by its id (core/locks.py), reads the clock, and commits what the block did.

        Raises NotFound, Busy. A refusal raised in the block changes nothing.
        """
        with durable():
            lock_exclusive(pk)
            row = existing(cls.model.objects.filter(pk=pk).first(), cls.missing)
            # Only now: the time must not be that at which the wait for the lock began.
            change = cls(row, at=clock.now(), actor=actor, action=action)
            yield change
            change.finish()

    def set(self, **fields: Any) -> None:
        """Changes the row's fields; what is equal already is not a change."""
        self._touched.update(name for name, value in fields.items() if set_field(self.row, name, value, self._fields))

    def emit(self, event: str, party: Model | None = None, /, **data: Any) -> None:
        """Says what the fields set since the last `emit` mean. `data` is for listeners; no names, no contacts."""
        ids = {self.id_name: str(self.row.pk)} | ({"partyId": str(party.pk)} if party else {})
        self._events.append(
            NewEvent(
                type=event,
                party_id=party.pk if party else None,
                data=ids | data,
                changes=self._take_changes(),
                effects=self._effects(event, party),
            )
        )

    def end_command(self) -> None:
        """version += 1. What follows under the same lock is another command; one without events changed nothing."""
        if not self._events:
            return
        row: Any = self.row
        row.version += 1
        for event in self._events:
            event.version = row.version
        self._ended += self._events
        self._events = []

    def finish(self, *, keep: bool = True) -> None:
        """Ends the last command, saves the row (unless it is to be deleted: `keep`) and records the events; once.

        Raises RuntimeError when something was changed without an event.
        """
        self.end_command()
        if not self._ended:
            if self._has_changes():
                raise RuntimeError(f"{self.action} changed something and emitted no event")
            return
        if keep:
            self._save()
        record(
            self._ended,
            stream=self.stream,
            stream_id=self.row.pk,
            version=self._ended[-1].version or 0,
            at=self.at,
            actor=self.actor,
            action=self.action,
        )
        self._ended = []
        self._touched = set()

    def _effects(self, event: str, party: Model | None) -> tuple[str, ...] | None:
        """Effects of an event of this type, about this party, where they are others than effects.EFFECTS lists for it."""
        return None

    def _take_changes(self) -> dict[str, Any]:
        """The fields set since the last event, by what they belong to."""
        fields, self._fields = self._fields, {}
        return {self.stream: fields} if fields else {}

    def _has_changes(self) -> bool:
        return bool(self._touched)

    def _save(self) -> None:
        self.row.save(update_fields=[*self._touched, "version"])
