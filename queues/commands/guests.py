"""Commands of guests: join, declare nearby, take the ticket along, leave."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from core.actors import GUEST, HOST, Actor
from core.clock import milliseconds
from core.errors import Conflict, Invalid, Refused
from core.json_types import View
from core.visible import shown, trimmed
from queues import quotes, refusals, rules, selectors, sitting, waits
from queues.change import LineChange, locked_line
from queues.commands import flow
from queues.contacts import Contact
from queues.here import require_here
from queues.models import Party, Queue
from queues.occupancy import Occupancy, occupancy
from web.idempotency import hashed_key, require_same


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """A party's place at the moment it joined, or (`again`) as it is now when the same key joined before."""

    party: Party
    queue: Queue
    place: rules.Place
    expected_wait_ms: int
    again: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NewParty:
    """A party that wants to join. The same `key` (Idempotency-Key) returns the same party (B3); with another body (`asked`: its
    fingerprint) it is refused. `unique_name`: refuse it while a party in line has its name (contract queueup.md, join).
    `over_capacity`: a host lets it in although the line is full. `here`: the code on the wall, as it was typed. `section`: where
    it wishes to sit. `without_phone`: no phone shows its ticket. `contact`: where it is reached, checked by the caller."""

    name: str = ""
    size: int = 1
    note: str = ""
    key: str = ""
    asked: str = ""
    unique_name: bool = False
    over_capacity: bool = False
    here: str = ""
    section: str = ""
    without_phone: bool = False
    contact: Contact | None = None


def join(
    line: str | UUID,
    *,
    name: str = "",
    size: int = 1,
    note: str = "",
    key: str = "",
    asked: str = "",
    unique_name: bool = False,
    here: str = "",
    section: str = "",
    without_phone: bool = False,
    contact: Contact | None = None,
    actor: Actor = GUEST,
) -> Joined:
    """Takes the last place in the line. `without_phone`: on a tablet; no phone shows the ticket until one takes it.

    Raises Invalid for a size under 1 or over the venue's largest party, or a section in which the line does not seat; Conflict
    when the line is closed or paused, when its last entry is over, when the guests in line and these would be more than it holds,
    or, with `unique_name`, when a party in line has this name; Forbidden when the line takes only guests who are here and `here`
    is not the code on its wall.
    """
    new = NewParty(
        name=name,
        size=size,
        note=note,
        key=key,
        asked=asked,
        unique_name=unique_name,
        here=here,
        section=section,
        without_phone=without_phone,
        contact=contact,
    )
    return _or_raise(join_all(line, [new], actor=actor))


def join_all(
    line: str | UUID, parties: Sequence[NewParty], *, by: float | None = None, actor: Actor = GUEST
) -> list[Joined | Refused]:
    """Parties join in their order, under one lock and in one transaction (decision 0014).

    Each is a separate command: it makes a version, or is refused alone. Raises as `locked_line` does; `by` is its.
    """
    with locked_line(line, actor=actor, action="join", by=by) as change:
        return _join(change, parties, walk_in=False)


def add_walk_in(
    line: str | UUID,
    *,
    name: str = "",
    size: int = 1,
    note: str = "",
    key: str = "",
    asked: str = "",
    over_capacity: bool = False,
    section: str = "",
    actor: Actor = HOST,
) -> Joined:
    """Adds a party without a phone, also to a paused line, and with `over_capacity` to a full one. Raises as `join`."""
    with locked_line(line, actor=actor, action="add_walk_in") as change:
        new = NewParty(
            name=name,
            size=size,
            note=note,
            key=key,
            asked=asked,
            over_capacity=over_capacity,
            section=section,
            without_phone=True,
        )
        return _or_raise(_join(change, [new], walk_in=True))


def _or_raise(outcomes: Sequence[Joined | Refused]) -> Joined:
    [outcome] = outcomes
    if isinstance(outcome, Refused):
        raise outcome
    return outcome


def _join(change: LineChange, parties: Sequence[NewParty], *, walk_in: bool) -> list[Joined | Refused]:
    scope = join_scope(change.queue)
    keys = [hashed_key(scope, party.key) if party.key else None for party in parties]
    known = _known(change.queue, [key for key in keys if key])
    there = occupancy(change.queue.pk, names=[trimmed(party.name) for party in parties if party.unique_name])
    largest = selectors.largest_party(change.queue)
    outcomes: list[Joined | Refused] = []
    for party, key in zip(parties, keys, strict=True):
        try:
            if key and key in known:
                require_same(known[key].join_asked, party.asked)
                outcomes.append(_present(change, known[key]))
                continue
            joined = _join_one(change, party, there, largest=largest, join_key=key, walk_in=walk_in)
            if key:
                known[key] = joined.party
            change.end_command()
            outcomes.append(joined)
        except Refused as refused:
            outcomes.append(refused)
    return outcomes


def join_scope(line: Queue) -> str:
    """The scope of this line's join keys (hashed_key)."""
    return f"join:{line.pk}"


def _known(queue: Queue, keys: Sequence[str]) -> dict[str, Party]:
    """Parties that joined with one of these keys before, by key."""
    return {str(party.join_key): party for party in queue.parties.filter(join_key__in=keys)} if keys else {}


def require_one_party(size: int, line: Queue, largest: int | None = None) -> None:
    """Raises Invalid for more guests than the venue's largest party (`largest`, where it was read already)."""
    largest = selectors.largest_party(line) if largest is None else largest
    if size > largest:
        raise Invalid(f"size must be at most {largest}: a larger party joins in several.", field="size")


def _join_one(
    change: LineChange, new: NewParty, line: Occupancy, *, largest: int, join_key: str | None, walk_in: bool
) -> Joined:
    """Checks everything before it writes, so that a refusal has changed nothing. Updates `line`."""
    name, note, size, queue = shown(new.name, "name"), shown(new.note, "note"), new.size, change.queue
    if size < 1:
        raise Invalid("size must be a whole number, 1 or more.", field="size")
    change.require_open()
    if queue.paused and not walk_in:
        raise Conflict(refusals.LINE_PAUSED)
    if rules.entry_is_over(queue.last_entry_at, now=change.at) and not walk_in:
        raise Conflict(refusals.ENTRY_OVER)
    if not walk_in:
        require_here(queue, new.here, change.at)
    if new.unique_name and name in line.taken:
        raise Conflict(rules.NAME_TAKEN, field="name")
    over = line.guests + size > queue.max_guests
    if over and not new.over_capacity:
        raise Conflict(refusals.LINE_FULL, field="size")
    require_one_party(size, queue, largest)  # after that: by the contract, more than the line holds is 409
    section = sitting.section_of(queue, new.section)
    place = rules.place(waiting_ahead=line.waiting, waiting=line.waiting + 1, being_served=line.called > 0)
    standing = line.standing(queue, change.at)
    wait = standing.joining(size)
    by_hand = wait.model == waits.BY_HAND
    expected_ms = wait.expected_ms if by_hand else rules.expected_wait_ms(ahead=place.ahead, pace_ms=queue.pace_ms)
    party = Party(
        queue=queue,
        ticket=queue.next_ticket,
        rank=rules.rank_after(line.last_rank, ticket=queue.next_ticket),
        name=name,
        size=size,
        note=note,
        note_by_host=walk_in and bool(note),
        section=section,
        walk_in=walk_in,
        without_phone=new.without_phone,
        join_key=join_key,
        join_asked=new.asked if join_key else "",
        joined_at=change.at,
        quote_low_ms=wait.low_ms,
        quote_high_ms=wait.high_ms,
        quoted_by_host=by_hand,
        told=None if by_hand else wait.told.as_json(),
        has_contact=new.contact is not None and new.contact.kept,
    )
    if new.contact is not None and new.contact.kept:
        change.keep_contact(party, new.contact)
    change.add_party(party, behind=line.waiting)
    flow.after_join(change, party, ahead=line.classes)
    line.add(party)
    change.set(next_ticket=queue.next_ticket + 1)
    change.emit(
        "QUEUE_MEMBER_JOINED",
        party,
        position=place.position,
        queueLength=place.queue_length,
        waitLowMs=wait.low_ms,
        waitHighMs=wait.high_ms,
        model=wait.model,
        **_older(standing, size),
        **({"overCapacity": True} if over else {}),
    )
    return Joined(party=party, queue=queue, place=place, expected_wait_ms=expected_ms if place.ahead else 0)


def _older(standing: waits.Standing, size: int) -> View:
    """What model 1 would have told the party, for reports; none where model 1 told it."""
    if standing.model == quotes.pace.MODEL:
        return {}
    older = replace(standing, model=quotes.pace.MODEL, by_hand=None).joining(size)
    return {"olderLowMs": older.low_ms, "olderHighMs": older.high_ms}


def _present(change: LineChange, party: Party) -> Joined:
    """A known party's place as it is now: 0 ahead, position and number 0 once it has been called or has gone."""
    change.insert_parties()  # it may have joined under this lock
    place = selectors.place_of(party)
    if party.status != rules.WAITING:
        place = rules.Place(ahead=0, position=0, queue_length=place.queue_length)
    return Joined(
        party=party,
        queue=change.queue,
        place=place,
        expected_wait_ms=rules.expected_wait_ms(ahead=place.ahead, pace_ms=change.queue.pace_ms),
        again=True,
    )


def declare_nearby(line: str | UUID, *, party_id: UUID | str) -> None:
    """Marks the party as nearby; of a called one also that it is on its way, which gives it the line's `on_my_way_s` more, once
    in a call. Does nothing when it was said before. Raises NotFound when it is not in line.
    """
    with locked_line(line, actor=GUEST, action="declare_nearby") as change:
        party, span_s = change.party(party_id), change.queue.on_my_way_s
        answers = party.status == rules.CALLED and party.on_my_way_at is None and (span_s > 0 or not party.nearby)
        if party.nearby and not answers:
            return
        fields: dict[str, Any] = {"nearby": True} | ({"on_my_way_at": change.at} if answers else {})
        told: dict[str, int | None] = {}
        if answers and span_s:
            deadline = max(party.call_deadline or change.at, change.at) + timedelta(seconds=span_s)
            fields["call_deadline"], told = deadline, {"deadline": milliseconds(deadline)}
        change.set_party(party, **fields)
        change.emit("QUEUE_MEMBER_NEARBY", party, **told)


def take_ticket(line: str | UUID, *, party_id: UUID | str) -> None:
    """Notes that a phone shows the party's ticket from now on. Does nothing when one did. Raises NotFound when it is not in
    line."""
    with locked_line(line, actor=GUEST, action="take_ticket") as change:
        party = change.party(party_id)
        if party.without_phone:
            change.set_party(party, without_phone=False)
            change.emit("QUEUE_MEMBER_TOOK_TICKET", party)


def leave(line: str | UUID, *, party_id: UUID | str) -> None:
    """Ends the party's place. Raises NotFound when it is not in line."""
    with locked_line(line, actor=GUEST, action="leave") as change:
        party = change.party(party_id)
        change.set_party(party, status=rules.LEFT, ended_at=change.at, call_deadline=None)
        change.emit("QUEUE_MEMBER_LEFT", party, reason="left")
