"""One change of one line: lock, clock, check, write, version, events; all or nothing (laws 2, 3, 4, 10).

Every command runs inside `locked_line()`. It is the only code that saves a queue or a party.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, Model, QuerySet

from core import clock
from core.actors import Actor
from core.change import Fields, durable, plain, set_field
from core.errors import Busy, Conflict, NotFound, Refused, existing
from core.identifiers import as_uuid
from outbox.change import Change
from outbox.effects import EFFECTS
from queues import contacts, refusals, rules, seated, seen, sent, sitting, waits
from queues.fields import PARTY_FIELDS, QUEUE_FIELDS, STREAM
from queues.models import Party, Queue
from queues.personal import PARTY_TEXTS

# The fields of a party on which it depends who is told of a place.
_MOVING = frozenset({"status", "rank", "tell_ahead"})
# The fields of a party on which it depends whether it sits at a table.
_SEATED = frozenset(seated.NOWHERE)
# The fields of a party on which it depends which tables come free.
_TABLES = _SEATED | {"status"}
# What a guest's own page shows of the party and the public snapshot does not.
_OWN = frozenset({"name", "size", "message"})


class LineChange(Change[Queue]):
    """A line under its lock, at one instant, and what a command does to it and its parties.

    Parties' fields are set through `set_party` and `set_parties`, never on the model.
    """

    stream, id_name = STREAM, "sessionId"

    def __init__(self, queue: Queue, *, at: datetime, actor: Actor, action: str) -> None:
        super().__init__(queue, at=at, actor=actor, action=action)
        self.queue = queue
        self._new: list[Party] = []
        self._contacts: list[tuple[UUID, contacts.Contact]] = []
        self._party_changes: dict[str, Fields] = {}
        self._touched_parties: dict[UUID, Party] = {}
        # Whether one of the first places may be another party's now.
        self._moved = False
        # Whether a table may be free, or taken, that was not.
        self._seated = False

    # ------------------------------------------------------------------------------------------------------- looking
    def require_open(self) -> None:
        """Raises Conflict when the line is closed."""
        if self.queue.is_closed:
            raise Conflict(refusals.LINE_CLOSED)

    def party(self, party_id: UUID | str, *statuses: str, saw: str = "") -> Party:
        """This line's party with that id, in one of `statuses` (default: in line). Raises NotFound otherwise; Conflict when it is
        not in the state any more in which the host saw it (`saw`: seen.state)."""
        wanted = existing(as_uuid(str(party_id)), refusals.NOT_IN_LINE, field="partyId")
        if wanted in self._touched_parties:
            found: Party | None = self._touched_parties[wanted]
        else:
            found = self.queue.parties.filter(pk=wanted).first()
        if found is not None:
            seen.require_state(found, saw)
        if found is None or found.status not in (statuses or Party.IN_LINE):
            raise NotFound(refusals.NOT_IN_LINE, field="partyId")
        return found

    def the_party(self, party_id: UUID | None) -> Party | None:
        """The party with that id as this change leaves it; without an id the only one that the change touches."""
        if party_id is None:
            return next(iter(self._touched_parties.values())) if len(self._touched_parties) == 1 else None
        return self._touched_parties.get(party_id) or self.queue.parties.filter(pk=party_id).first()

    def serving(self) -> Party | None:
        """The contract's `nowServing`: of the called parties the one called last. A line may hold hundreds of them."""
        return self.queue.parties.filter(status=rules.CALLED).order_by("-called_at", "-ticket").first()

    def head(self) -> Party | None:
        """The first waiting party."""
        return self._waiting().first()

    def _waiting(self) -> QuerySet[Party]:
        return self.queue.parties.filter(status=rules.WAITING).order_by("rank", "ticket")

    def fresh_deadline(self) -> datetime:
        """Until when a party called at this instant may answer."""
        return self.at + timedelta(seconds=self.queue.call_window_s)

    # ------------------------------------------------------------------------------------------------------- writing
    def set_party(self, party: Party, **fields: Any) -> None:
        """Changes a party's fields and saves them at once, so that looking again sees them. Raises Conflict where it would sit at
        a table that another party has, for words of a guest who was erased, and where that guest's place would come back."""
        if party.tables and fields.get("status", rules.SERVED) != rules.SERVED:  # it is not seated any more
            fields |= seated.NOWHERE
        if any(getattr(party, name) != fields[name] for name in _OWN & fields.keys()):
            fields["edits"] = party.edits + 1
        has_words = any(fields.get(name) for name in PARTY_TEXTS)
        comes_back = fields.get("status") in Party.IN_LINE
        if has_words and (party.erased_at or self.queue.forgotten_at) or comes_back and party.erased_at:
            raise Conflict(refusals.ERASED)
        _end_lateness(fields)
        notes = self._party_changes.setdefault(str(party.pk), {})
        changed = [name for name, value in fields.items() if set_field(party, name, value, notes)]
        self._touched_parties[party.pk] = party
        self._moved |= not _MOVING.isdisjoint(changed)
        self._seated |= not _TABLES.isdisjoint(changed)
        if party.sits and not _SEATED.isdisjoint(changed):
            sitting.require_free(party, self.queue)
        if changed:
            party.save(update_fields=changed)

    def set_parties(self, parties: Sequence[Party], **fields: Any) -> None:
        """The same fields for many parties in one statement, for a line may hold thousands."""
        _end_lateness(fields)
        for party in parties:
            notes = self._party_changes.setdefault(str(party.pk), {})
            for name, value in fields.items():
                set_field(party, name, value, notes)
            self._touched_parties[party.pk] = party
        self._moved |= not _MOVING.isdisjoint(fields)
        self.queue.parties.filter(pk__in=[party.pk for party in parties]).update(**fields)

    def keep_contact(self, party: Party, contact: contacts.Contact) -> None:
        """Keeps where the party is reached, instead of what was kept before. It is written with the rows of new parties."""
        self._contacts.append((party.pk, contact))

    def add_party(self, party: Party, *, behind: int) -> None:
        """Adds a new party; `behind`: how many wait before it. Each of its fields is a change from nothing. `insert_parties`
        writes its row, together with others that join under the same lock."""
        self._new.append(party)
        self._moved |= behind < rules.PLACES_TOLD
        self._touched_parties[party.pk] = party
        self._party_changes[str(party.pk)] = {name: [None, plain(getattr(party, name))] for name in PARTY_FIELDS}

    def insert_parties(self) -> None:
        """Writes the rows of new parties. Call it before reading parties from the database."""
        if self._new:
            Party.objects.bulk_create(self._new)
            self._new = []
        if self._contacts:
            contacts.keep(self._contacts, at=self.at)
            self._contacts = []

    def opened(self) -> None:
        """Notes every field of a line that was just inserted as a change from nothing."""
        self._fields = {name: [None, plain(getattr(self.queue, name))] for name in QUEUE_FIELDS}

    def emit(self, event: str, party: Model | None = None, /, **data: Any) -> None:
        if self.actor.kind in ("host", "staff"):  # a host watches the line: the clock may call once more
            self.set(called_by_clock=False)
        self._forecast_tables()
        super().emit(event, party, **sent.pressed_before(self), **data)

    def _effects(self, event: str, party: Model | None) -> tuple[str, ...] | None:
        names = EFFECTS[event]
        if not isinstance(party, Party) or "announce" in names:
            return None
        # Guests are known by a number; also that there is none any more.
        known = self.queue.venue_id is not None and (party.has_contact or event == "QUEUE_MEMBER_CHOSE_WAYS")
        needed = {"push": not party.has_contact, "reach": party.has_contact, "guests": known}
        return tuple(name for name in names if needed.get(name, True))

    # ------------------------------------------------------------------------------------------------------ finishing
    def end_command(self) -> None:
        """Also emits which parties have come to a place that is told."""
        if self._events:
            if self._moved and not self.queue.is_closed:
                self._emit_places()
            self._moved = False
        super().end_command()

    def _take_changes(self) -> dict[str, Any]:
        parties = {pk: fields for pk, fields in self._party_changes.items() if fields}
        self._party_changes = {}
        return super()._take_changes() | ({"parties": parties} if parties else {})

    def _has_changes(self) -> bool:
        return super()._has_changes() or bool(self._touched_parties)

    def _forecast_tables(self) -> None:
        """Keeps in the line's flow when tables come free, after a change of who sits or is called."""
        seated, self._seated = self._seated, False
        if seated and not self.queue.is_closed and self.queue.past.get("turns"):
            flow = waits.flow_of(self.queue)
            self.set(flow=replace(flow, coming=sitting.coming_free(self.queue, self.at)).as_json())

    def _save(self) -> None:
        self.insert_parties()
        self.queue.last_activity_at = self.at
        self._touched.add("last_activity_at")
        super()._save()

    def _emit_places(self) -> None:
        """Emits, once per party, that it has come to the 2nd or 5th place (contract, events), and once per choice that it is as
        near as its guest chose to be told."""
        self.insert_parties()
        called = self.queue.parties.filter(status=rules.CALLED)
        head = list(self._waiting().annotate(being_served=Exists(called))[: rules.MOST_AHEAD + 1])
        for ahead, party in enumerate(head):
            if party.tell_ahead is not None and not party.told_ahead and ahead <= party.tell_ahead:
                self.set_party(party, told_ahead=True)
                self.emit("QUEUE_POSITION_NOTICE", party, ahead=ahead)
        head = head[: rules.PLACES_TOLD]
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


def _end_lateness(fields: dict[str, Any]) -> None:
    """A party with a new deadline, or none any more, is not late."""
    if "call_deadline" in fields:
        fields["late_at"] = None


@contextmanager
def locked_line(
    line: str | UUID, *, actor: Actor, action: str, skip_locked: bool = False, by: float | None = None
) -> Iterator[LineChange]:
    """Locks the line (a code in any case, or its id), reads the clock, and commits what the block did.

    Raises NotFound for an unknown line; Busy when the lock takes longer than law 2 allows, or is had later than `by` (s,
    `time.monotonic`), or, with `skip_locked`, when another transaction holds it. A refusal raised in the block changes
    nothing. An actor's `press` happens once: raises AlreadySent for one that has an outcome (sent.once).
    """
    refused: Refused | None = None
    wanted = {"pk": line} if isinstance(line, UUID) else {"code": line.upper()}
    with durable(refusals.LINE_BUSY):
        rows = Queue.objects.select_for_update(no_key=True, skip_locked=skip_locked)
        queue = rows.filter(**wanted).first()
        if queue is None and skip_locked and Queue.objects.filter(**wanted).exists():
            raise Busy(refusals.LINE_LOCKED)
        if by is not None and time.monotonic() > by:
            raise Busy(refusals.LINE_BUSY)
        queue = existing(queue, refusals.NO_LINE, field="code")
        # Only now: the time must not be that at which the wait for the lock began.
        change = LineChange(queue, at=clock.now(), actor=actor, action=action)
        if actor.press is None:
            yield change
            change.finish()
        else:
            refused = yield from sent.once(change, actor.press)
    if refused is not None:  # kept with the action's id, so it is raised after the commit
        raise refused
