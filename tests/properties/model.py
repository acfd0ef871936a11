"""A line as the contract describes it, in plain Python: lists and numbers, no database, none of the program's own rules.

Every method is a command. It raises the same refusals as the command, and then changes nothing.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from core.errors import Conflict, Invalid
from tests.properties.guests import Guests
from tests.properties.line_state import STEP
from tests.properties.undoing import Undoing

STATES = ("waiting", "called", "served", "left", "kicked", "no_show", "closed")
# The fields of a party that an undo restores.
UNDOABLE = (
    "status",
    "rank",
    "name",
    "size",
    "note",
    "nearby",
    "called_at",
    "call_deadline",
    "ended_at",
    "more_time",
    "lapsed",
    "late_at",
    "message",
    "message_at",
)


@dataclass
class Model(Undoing):
    """A line with its commands."""

    # --------------------------------------------------------------------------------------------------------- guests
    def join(
        self,
        now: datetime,
        *,
        name: str,
        size: int,
        key: str,
        note: str = "",
        walk_in: bool = False,
        unique_name: bool = False,
    ) -> str | None:
        """The party that joined with this key, else None: then the caller calls `admit` with the new party's id."""
        if key and key in self.keys:
            return self.keys[key]
        if size < 1:
            raise Invalid("")
        self.require_open()
        if self.paused and not walk_in:
            raise Conflict("")
        if unique_name and name.strip() and any(party.name == name.strip() for party in self.in_line()):
            raise Conflict("")
        if sum(p.size for p in self.in_line()) + size > self.max_guests:
            raise Conflict("")
        last = self.waiting()
        self._admitting = Guests(
            id="", ticket=self.next_ticket, name=name.strip(), size=size, note=note, walk_in=walk_in, joined_at=now,
            without_phone=walk_in,
            rank=max(self.next_ticket * STEP, last[-1].rank + STEP if last else 0),
        )  # fmt: skip
        self.next_ticket += 1
        return None

    def admit(self, party_id: str, key: str) -> None:
        self._admitting.id = party_id
        self.parties[party_id] = self._admitting
        if key:
            self.keys[key] = party_id
        self.events.append(("QUEUE_MEMBER_JOINED", party_id))

    def declare_nearby(self, now: datetime, party_id: str) -> None:
        party = self.party(party_id)
        first = party.status == "called" and party.on_my_way_at is None
        if party.nearby and not (first and self.on_my_way_s):
            return
        party.nearby = True
        if first:
            party.on_my_way_at = now
            if self.on_my_way_s:
                party.call_deadline = max(party.call_deadline or now, now) + timedelta(seconds=self.on_my_way_s)
                party.late_at = None
        self.events.append(("QUEUE_MEMBER_NEARBY", party_id))

    def take_ticket(self, now: datetime, party_id: str) -> None:
        party = self.party(party_id)
        if party.without_phone:
            party.without_phone = False
            self.events.append(("QUEUE_MEMBER_TOOK_TICKET", party_id))

    def leave(self, now: datetime, party_id: str) -> None:
        self.mark_ended(self.party(party_id), "left", now, "QUEUE_MEMBER_LEFT")

    def let_pass(self, now: datetime, party_id: str, parties: int) -> int:
        if parties < 1:
            raise Invalid("")
        order = self.waiting()
        index = order.index(self.party(party_id, "waiting"))
        passed = min(parties, len(order) - 1 - index)
        if not passed:
            raise Conflict("")
        self.place_at(self.parties[party_id], index + passed)
        self.events.append(("QUEUE_MEMBER_LET_PASS", party_id))
        return passed

    def ask_more_time(self, now: datetime, party_id: str) -> None:
        party = self.party(party_id, "called")
        if party.more_time == "given":
            raise Conflict("")
        if not party.more_time:
            party.more_time = "asked"
            self.events.append(("QUEUE_MEMBER_ASKED_TIME", party_id))

    # ---------------------------------------------------------------------------------------------------------- hosts
    def give_more_time(self, now: datetime, party_id: str, minutes: int | None) -> None:
        if minutes is not None and minutes < 1:
            raise Invalid("")
        party = self.party(party_id, "called")
        seconds = self.call_window_s if minutes is None else 60 * minutes
        party.call_deadline = max(party.call_deadline or now, now) + timedelta(seconds=seconds)
        party.late_at = None
        if party.more_time == "asked":
            party.more_time = "given"
        self.events.append(("QUEUE_MEMBER_GIVEN_TIME", party_id))

    def call(self, now: datetime, party_id: str | None) -> str:
        self.require_open()
        if party_id is None and not self.waiting():
            raise Conflict("")
        party = self.waiting()[0] if party_id is None else self.party(party_id)
        self.mark_called(party, now)
        return party.id

    def serve(self, now: datetime, party_id: str) -> None:
        self.measure(self.party(party_id), now)
        self.mark_ended(self.party(party_id), "served", now, "QUEUE_MEMBER_SERVED")

    def kick(self, now: datetime, party_id: str) -> None:
        self.mark_ended(self.party(party_id), "kicked", now, "QUEUE_MEMBER_KICKED")

    def no_show(self, now: datetime, party_id: str) -> None:
        self.mark_ended(self.party(party_id, "called"), "no_show", now, "QUEUE_MEMBER_DROPPED")

    def advance(self, now: datetime, served: str | None, following: str | None) -> str | None:
        self.require_open()
        if served is not None:
            if not self.called() or self.called()[-1].id != served:
                raise Invalid("")
            self.serve(now, served)
        chosen = self.party(following, "waiting") if following is not None else next(iter(self.waiting()), None)
        if chosen is not None:
            self.mark_called(chosen, now)
            return chosen.id
        return self.called()[-1].id if self.called() else None

    def put_back(self, now: datetime, party_id: str) -> None:
        self.require_open()
        party = self.party(party_id, "called", "served", "left", "kicked", "no_show")
        head = self.waiting()
        party.rank = head[0].rank - STEP if head else STEP
        party.status, party.called_at, party.call_deadline, party.ended_at = "waiting", None, None, None
        party.lapsed, party.late_at, party.on_my_way_at = False, None, None
        assert self.waiting()[0] is party
        self.events.append(("QUEUE_MEMBER_PUT_BACK", party_id))

    def reorder(self, now: datetime, party_id: str, position: int) -> None:
        self.place_at(self.party(party_id, "waiting"), position - 1)
        self.events.append(("QUEUE_MEMBER_MOVED", party_id))

    def move_behind(self, now: datetime, party_id: str, other_id: str) -> None:
        party = self.party(party_id, "waiting")
        other = self.party(other_id, *STATES)
        if other is party:
            raise Invalid("")
        if other.status != "waiting":
            raise Conflict("")
        order = [each for each in self.waiting() if each is not party]
        self.place_at(party, order.index(other) + 1)
        self.events.append(("QUEUE_MEMBER_MOVED", party_id))

    def message(self, now: datetime, party_id: str, text: str) -> None:
        party = self.party(party_id)
        party.message, party.message_at = text, now
        self.events.append(("QUEUE_MEMBER_MESSAGED", party_id))

    def edit(self, now: datetime, party_id: str, name: str | None, size: int | None, note: str | None) -> None:
        party = self.party(party_id)
        wanted = {"name": name.strip() if name is not None else None, "size": size, "note": note}
        if size is not None and size < 1:
            raise Invalid("")
        changed = {k: v for k, v in wanted.items() if v is not None and getattr(party, k) != v}
        for name_of_field, value in changed.items():
            setattr(party, name_of_field, value)
        if changed:
            self.events.append(("QUEUE_MEMBER_EDITED", party_id))

    def pause(self, now: datetime, paused: bool) -> None:
        self.require_open()
        if self.paused != paused:
            self.paused = paused
            self.events.append(("QUEUE_PAUSED" if paused else "QUEUE_RESUMED", None))

    def close(self, now: datetime, reason: str = "host") -> None:
        if self.closed:
            return
        for party in self.in_line():
            party.status, party.ended_at, party.call_deadline, party.late_at = "closed", now, None, None
        self.closed, self.close_reason, self.paused = True, reason, False
        self.events.append(("QUEUE_CLOSED", None))

    # ---------------------------------------------------------------------------------------------------------- time
    def expire(self, now: datetime, party_id: str) -> bool:
        party = self.party(party_id, "called")
        if party.call_deadline is None or party.call_deadline > now:
            return False
        if party.late_at is not None:
            return False
        self.by_clock = True
        if self.auto_no_show and not party.without_phone:
            self.no_show(now, party_id)
            party.lapsed = True
        else:
            party.late_at = now
            self.events.append(("QUEUE_MEMBER_LATE", party_id))
        if self.auto_advance and not self.called_by_clock and self.waiting():
            self.called_by_clock = True
            self.mark_called(self.waiting()[0], now)
        return True

    def close_if_over(self, now: datetime) -> bool:
        if self.closed:
            return False
        if now >= self.opened_at + timedelta(hours=12):
            self.close(now, "age")
        elif now - self.last_activity_at >= timedelta(hours=2) and not self.in_line():
            self.close(now, "idle")
        return self.closed

    # ------------------------------------------------------------------------------------------------- after a command
    def finish(self, now: datetime, before: "Model", *, undoable: bool) -> None:
        """What follows from a command that was not refused: events of places, version, what can be undone."""
        if not self.events:
            return
        if not self.closed:
            self.tell_places()
        self.version += 1
        self.last_activity_at = now
        if not self.by_clock and (undoable or any(event == "QUEUE_ACTION_UNDONE" for event, _ in self.events)):
            self.called_by_clock = False
        changes = self._changes_since(before) if undoable else {}
        late = {(party, "late_at") for event, party in self.events if event == "QUEUE_MEMBER_LATE"}
        if undoable and not (late and late >= changes.keys()):  # that a party is late is not taken back
            self.done.append((self.version, now, {key: each for key, each in changes.items() if key not in late}))
            if self.by_clock:
                self.done_by_clock.add(self.version)
        self.by_clock = False

    def _changes_since(self, before: "Model") -> dict[tuple[str, str], tuple[Any, Any]]:
        changes: dict[tuple[str, str], tuple[Any, Any]] = {}
        for name in ("paused", "closed", "close_reason"):
            if getattr(before, name) != getattr(self, name):
                changes["", name] = (getattr(before, name), getattr(self, name))
        for party in self.parties.values():
            old = before.parties.get(party.id)
            if old is None:
                changes[party.id, "joined"] = (None, party.joined_at)
                continue
            for name in UNDOABLE:
                if getattr(old, name) != getattr(party, name):
                    changes[party.id, name] = (getattr(old, name), getattr(party, name))
        return changes
