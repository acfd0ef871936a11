"""One change of one line: lock, clock, check, write, version, events; all or nothing (laws 2, 3, 4, 10).

Every command runs inside `locked_line()`. It is the only code that saves a queue or a party.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db import OperationalError, transaction
from django.db.models import Exists, QuerySet
from psycopg.errors import DeadlockDetected, LockNotAvailable

from core import clock
from core.actors import Actor
from core.errors import Busy, Conflict, NotFound
from outbox.record import Happening, record
from queues import refusals, rules, seen
from queues.models import PARTY_FIELDS, QUEUE_FIELDS, Party, Queue

STREAM = "queue"
# The fields of a party on which everybody's place depends.
_MOVING = frozenset({"status", "rank"})
# What a guest's own page shows of the party and everybody's snapshot does not say.
_OWN = frozenset({"name", "size"})


def plain(value: Any) -> Any:
    """A field's value as it stands in an event's JSON."""
    return value.isoformat() if isinstance(value, datetime | time) else value


class Change:
    """A line under its lock, at one instant, and what is being done to it.

    Set fields through `set_queue` and `set_party` (never on the model), then `emit` what that was: the event takes all
    fields set since the last `emit`.
    """

    def __init__(self, queue: Queue, *, at: datetime, actor: Actor, action: str) -> None:
        self.queue = queue
        self.at = at
        self.actor = actor
        self.action = action
        # Of the command that is under way, and of those that were before it under the same lock.
        self._happenings: list[Happening] = []
        self._ended: list[Happening] = []
        self._new: list[Party] = []
        self._queue_changes: dict[str, list[Any]] = {}
        self._party_changes: dict[str, dict[str, list[Any]]] = {}
        self._touched_queue: set[str] = set()
        self._touched: dict[UUID, Party] = {}
        # Whether somebody may have come to another place among the first.
        self._moved = False

    # ------------------------------------------------------------------------------------------------------- looking
    def require_open(self) -> None:
        """Raises Conflict when the line is closed."""
        if self.queue.is_closed:
            raise Conflict(refusals.LINE_CLOSED)

    def party(self, party_id: UUID | str, *statuses: str, saw: str = "") -> Party:
        """This line's party with that id, in one of `statuses` (default: in line). Raises NotFound otherwise; Conflict when it is
        not in the state any more in which the host saw it (`saw`: seen.state)."""
        try:
            wanted = party_id if isinstance(party_id, UUID) else UUID(party_id)
        except ValueError:
            raise NotFound(refusals.NOT_IN_LINE, field="partyId") from None
        if wanted in self._touched:
            found: Party | None = self._touched[wanted]
        else:
            found = self.queue.parties.filter(pk=wanted).first()
        if found is not None:
            seen.require_state(found, saw)
        if found is None or found.status not in (statuses or Party.IN_LINE):
            raise NotFound(refusals.NOT_IN_LINE, field="partyId")
        return found

    def serving(self) -> Party | None:
        """The contract's `nowServing`: of the called parties the one called last. A line may hold hundreds of them."""
        return self.queue.parties.filter(status=rules.CALLED).order_by("-called_at", "-ticket").first()

    def head(self, count: int = 1) -> list[Party]:
        """The first `count` waiting parties, in order."""
        return list(self._waiting()[:count])

    def _waiting(self) -> QuerySet[Party]:
        return self.queue.parties.filter(status=rules.WAITING).order_by("rank", "ticket")

    def fresh_deadline(self) -> datetime:
        """Until when a party called at this instant may answer."""
        return self.at + timedelta(seconds=self.queue.call_window_s)

    # ------------------------------------------------------------------------------------------------------- writing
    def set_queue(self, **fields: Any) -> None:
        """Changes the line's own fields; what is equal already is not a change."""
        for name, value in fields.items():
            before = getattr(self.queue, name)
            if before != value:
                setattr(self.queue, name, value)
                self._touched_queue.add(name)
                _note(self._queue_changes, name, before, value)

    def set_party(self, party: Party, **fields: Any) -> None:
        """Changes a party's fields and saves them at once, so that looking again sees them."""
        changed = []
        notes = self._party_changes.setdefault(str(party.pk), {})
        if any(getattr(party, name) != fields[name] for name in _OWN & fields.keys()):
            fields["edits"] = party.edits + 1
        for name, value in fields.items():
            before = getattr(party, name)
            if before != value:
                setattr(party, name, value)
                changed.append(name)
                _note(notes, name, before, value)
        self._touched[party.pk] = party
        self._moved |= not _MOVING.isdisjoint(changed)
        if changed:
            party.save(update_fields=changed)

    def set_parties(self, parties: Sequence[Party], **fields: Any) -> None:
        """The same fields for many parties in one statement, for a line may hold thousands."""
        for party in parties:
            notes = self._party_changes.setdefault(str(party.pk), {})
            for name, value in fields.items():
                if getattr(party, name) != value:
                    _note(notes, name, getattr(party, name), value)
                    setattr(party, name, value)
            self._touched[party.pk] = party
        self._moved |= not _MOVING.isdisjoint(fields)
        self.queue.parties.filter(pk__in=[party.pk for party in parties]).update(**fields)

    def add_party(self, party: Party, *, behind: int) -> None:
        """A new party behind so many that wait; every field of it is a change from nothing. Its row is put in by
        `insert_parties`, with those that join under the same lock."""
        self._new.append(party)
        self._moved |= behind < rules.PLACES_TOLD
        self._touched[party.pk] = party
        self._party_changes[str(party.pk)] = {name: [None, plain(getattr(party, name))] for name in PARTY_FIELDS}

    def insert_parties(self) -> None:
        """Puts the rows of new parties in. To be called before anybody looks for them in the database."""
        if self._new:
            Party.objects.bulk_create(self._new)
            self._new = []

    def opened(self) -> None:
        """Notes every field of a line that was just inserted as a change from nothing."""
        self._queue_changes = {name: [None, plain(getattr(self.queue, name))] for name in QUEUE_FIELDS}

    def emit(self, event: str, party: Party | None = None, **data: Any) -> None:
        """Says what the fields set since the last `emit` mean. `data` is for listeners; no names, no contacts."""
        if self.actor.kind in ("host", "staff"):  # a host watches the line: the clock may call once more
            self.set_queue(called_by_clock=False)
        changes: dict[str, Any] = {}
        if self._queue_changes:
            changes["queue"] = self._queue_changes
        if parties := {pk: fields for pk, fields in self._party_changes.items() if fields}:
            changes["parties"] = parties
        self._queue_changes, self._party_changes = {}, {}
        told = {"sessionId": str(self.queue.pk), **data}
        if party is not None:
            told["partyId"] = str(party.pk)
        self._happenings.append(Happening(type=event, party_id=party.pk if party else None, data=told, changes=changes))

    # ------------------------------------------------------------------------------------------------------ finishing
    def end_command(self) -> None:
        """version += 1. What follows under the same lock is another command; one that told nothing changed nothing."""
        if not self._happenings:
            return
        if self._moved and not self.queue.is_closed:
            self._tell_places()
        self._moved = False
        self.queue.version += 1
        for happening in self._happenings:
            happening.version = self.queue.version
        self._ended += self._happenings
        self._happenings = []

    def finish(self) -> None:
        """Ends the last command; the line saved, the events recorded. A change that told nothing changes nothing."""
        self.end_command()
        if not self._ended:
            if self._touched_queue or self._touched:
                raise RuntimeError(f"{self.action} changed something and told nothing")
            return
        self.insert_parties()
        self.queue.last_activity_at = self.at
        self.queue.save(update_fields=[*self._touched_queue, "version", "last_activity_at"])
        record(
            self._ended,
            stream=STREAM,
            stream_id=self.queue.pk,
            version=self.queue.version,
            at=self.at,
            actor=self.actor,
            action=self.action,
        )

    def _tell_places(self) -> None:
        """Who has come to the 2nd or 5th place hears of it, once (contract, events)."""
        self.insert_parties()
        called = self.queue.parties.filter(status=rules.CALLED)
        head = list(self._waiting().annotate(being_served=Exists(called))[: rules.PLACES_TOLD])
        if not head or all(p.told_position_2 for p in head[:1]) and all(p.told_position_5 for p in head[3:]):
            return
        ids = [str(party.pk) for party in head]
        second, fifth = rules.told_places(ids, being_served=head[0].being_served)
        for party in head:
            if str(party.pk) == second and not party.told_position_2:
                self.set_party(party, told_position_2=True)
                self.emit("QUEUE_POSITION_2", party, position=2)
            if str(party.pk) == fifth and not party.told_position_5:
                self.set_party(party, told_position_5=True)
                self.emit("QUEUE_POSITION_5", party, position=5)


def _note(changes: dict[str, list[Any]], name: str, before: Any, after: Any) -> None:
    """Keeps the first `before` and the last `after` of a field that is set more than once."""
    first = changes[name][0] if name in changes else plain(before)
    changes[name] = [first, plain(after)]


@contextmanager
def locked_line(line: str | UUID, *, actor: Actor, action: str, skip_locked: bool = False) -> Iterator[Change]:
    """Locks the line (a code in any case, or its id), reads the clock, and commits what the block did.

    Raises NotFound for an unknown line, Busy when the lock or a deadlock takes longer than law 2 allows, or, with
    `skip_locked`, when somebody else holds the line. A refusal raised in the block changes nothing.
    """
    wanted = {"pk": line} if isinstance(line, UUID) else {"code": line.upper()}
    try:
        with transaction.atomic(durable=True):
            locked = Queue.objects.select_for_update(no_key=True, skip_locked=skip_locked)
            queue = locked.filter(**wanted).first()
            if queue is None and skip_locked and Queue.objects.filter(**wanted).exists():
                raise Busy(refusals.LINE_LOCKED)
            if queue is None:
                raise NotFound("There is no line with this code.", field="code")
            # Only now: whoever waited for the lock must not decide by the time at which it began to wait.
            current = Change(queue, at=clock.now(), actor=actor, action=action)
            yield current
            current.finish()
    except OperationalError as problem:
        if isinstance(problem.__cause__, LockNotAvailable | DeadlockDetected):
            raise Busy(refusals.LINE_BUSY) from problem
        raise
