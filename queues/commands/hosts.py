"""Commands of hosts on parties, and of the sweep on called parties that did not come."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from core.actors import HOST, SYSTEM, Actor
from core.clock import milliseconds
from core.errors import Conflict, Invalid, NotFound
from core.visible import shown
from queues import rules, seen, sitting, visits
from queues.change import LineChange, locked_line
from queues.commands import flow
from queues.commands.guests import require_one_party
from queues.models import Party
from queues.occupancy import occupancy
from venues.tables import Table


def call(line: str | UUID, *, party_id: UUID | str | None = None, saw: str = "", actor: Actor = HOST) -> Party:
    """Calls a waiting party (default: the head of the line), or a called one again. Several may be called at a time.

    Raises NotFound when the party is not in line, Conflict when no party waits or it is not as the host `saw` it
    (queues/seen.py).
    """
    with locked_line(line, actor=actor, action="call") as change:
        change.require_open()
        party = change.party(party_id, saw=saw) if party_id is not None else change.head()
        if party is None:
            raise Conflict("Nobody is waiting.")
        _call(change, party)
        return party


def serve(
    line: str | UUID, *, party_id: UUID | str, table_ids: Sequence[int] = (), saw: str = "", actor: Actor = HOST
) -> Party:
    """Seats a called party, or one that waits; at these tables of the venue, joined where they are several.

    Raises NotFound when it is not in line or a table is not in use any more, Invalid for too many tables, Conflict when it is not
    as the host `saw` it, when the tables cannot be joined, or when another party sits at one.
    """
    with locked_line(line, actor=actor, action="serve") as change:
        party = change.party(party_id, saw=saw)
        _serve(change, party, sitting.chosen(change.queue, table_ids))
        return party


def advance(
    line: str | UUID,
    *,
    served_party: str | None = None,
    next_party: str | None = None,
    saw: str = "",
    actor: Actor = HOST,
) -> Party | None:
    """Seats `served_party`, then calls `next_party` or the head of the line; returns who is now being served.

    Contract queueup.md. Raises Invalid when `served_party` is not the one now being served, NotFound when `next_party`
    is not waiting, Conflict when the line is closed or `next_party` is not as the host `saw` it; a refused advance changes
    nothing.
    """
    with locked_line(line, actor=actor, action="advance") as change:
        change.require_open()
        if served_party is not None:
            serving = change.serving()
            if serving is None or str(serving.pk) != served_party.lower():
                raise Invalid("servedParty is not the party now being served.", field="servedParty")
            _serve(change, serving)
        following: Party | None
        if next_party is not None:
            try:
                following = change.party(next_party, rules.WAITING, saw=saw)
            except NotFound:
                raise NotFound("nextParty is not waiting in this line.", field="nextParty") from None
            if saw == seen.FIRST:  # asked for only then: old clients' calls read no head of the line
                seen.require_first(following, change.head())
        else:
            following = change.head()
        if following is not None:
            _call(change, following)
            return following
        return change.serving()


def kick(line: str | UUID, *, party_id: UUID | str, saw: str = "", actor: Actor = HOST) -> None:
    """Removes a party from the line. Raises NotFound when it is not in line, Conflict when not as the host `saw` it."""
    with locked_line(line, actor=actor, action="kick") as change:
        party = change.party(party_id, saw=saw)
        change.set_party(party, status=rules.KICKED, ended_at=change.at, call_deadline=None)
        change.emit("QUEUE_MEMBER_KICKED", party, reason="kicked")


def no_show(line: str | UUID, *, party_id: UUID | str, saw: str = "", actor: Actor = HOST) -> None:
    """Marks a called party as a no-show before its deadline. Raises NotFound when it is not called, Conflict when it is not as
    the host `saw` it."""
    with locked_line(line, actor=actor, action="no_show") as change:
        _drop(change, change.party(party_id, rules.CALLED, saw=saw))


def expire_call(queue_id: UUID, *, party_id: UUID, wait: bool = True) -> bool:
    """Ends a call whose deadline is over by the clock read under the lock (law 5); returns whether it did.

    On a line with `auto_no_show` a party with a phone becomes a no-show. Any other is late: it stays called until a host decides.
    Calls the next party when the line advances by itself, but never twice in a row without a host's action in between: a line
    without a host must not empty itself. Raises NotFound when the party is not called any more, Busy when another transaction
    holds the line (at once without `wait`).
    """
    with locked_line(queue_id, actor=SYSTEM, action="no_show", skip_locked=not wait) as change:
        party = change.party(party_id, rules.CALLED)
        if party.call_deadline is None or party.call_deadline > change.at or party.late_at is not None:
            return False
        if change.queue.auto_no_show and party.has_phone:
            _drop(change, party, lapsed=True)
        else:
            change.action = "late"
            change.set_party(party, late_at=change.at)
            change.emit("QUEUE_MEMBER_LATE", party, round=party.call_count)
        may_call = change.queue.auto_advance and not change.queue.called_by_clock
        if may_call and (following := change.head()):
            change.set(called_by_clock=True)
            _call(change, following)
        return True


def dismiss_lapsed(line: str | UUID, *, party_ids: Collection[UUID | str], actor: Actor = HOST) -> None:
    """Removes these no-shows of the clock from the host's list. Parties that were put back or dismissed since stay as they are.

    Raises NotFound when the only party named is not a no-show of this line.
    """
    with locked_line(line, actor=actor, action="dismiss_lapsed") as change:
        for party_id in party_ids if len(party_ids) == 1 else ():
            change.party(party_id, rules.NO_SHOW)
        if lapsed := list(change.queue.parties.filter(pk__in=party_ids, lapsed=True).order_by("ticket")):
            change.set_parties(lapsed, lapsed=False)
            change.emit("QUEUE_LAPSED_DISMISSED", lapsed[0] if len(lapsed) == 1 else None, parties=len(lapsed))


def put_back(line: str | UUID, *, party_id: UUID | str, saw: str = "", actor: Actor = HOST) -> Party:
    """Gives a party that was called, or whose place ended, the first place in the line. Raises NotFound when it is waiting or
    unknown, Conflict when it is not as the host `saw` it, or its guest was erased.
    """
    with locked_line(line, actor=actor, action="put_back") as change:
        change.require_open()
        party = change.party(party_id, *rules.MAY_BECOME[rules.WAITING], saw=saw)
        head = change.head()
        rank = rules.rank_between(None, head.rank if head else None)
        flow.after_join(change, party, ahead=occupancy(change.queue.pk).classes)
        change.set_party(
            party, status=rules.WAITING, rank=rank, called_at=None, call_deadline=None, on_my_way_at=None,
            ended_at=None, lapsed=False,
        )  # fmt: skip
        change.emit("QUEUE_MEMBER_PUT_BACK", party)
        return party


def edit_party(
    line: str | UUID,
    *,
    party_id: UUID | str,
    name: str | None = None,
    size: int | None = None,
    note: str | None = None,
    quote_ms: tuple[int, int] | None = None,
    section: str | None = None,
    saw: str = "",
    actor: Actor = HOST,
) -> Party:
    """Edits a party in line; None leaves a field as it is. The host may overfill the line.

    `quote_ms`: the wait that the host promises, (low, high) from the join. The guest sees what is left of it instead of our
    estimate.
    Raises NotFound when the party is not in line, Conflict when it was edited since the host `saw` it (seen.details), Invalid
    for a size under 1 or over the venue's largest party, a section that the line does not seat in, or a quote that is no range
    within the life of a line.
    """
    with locked_line(line, actor=actor, action="edit_party") as change:
        party = change.party(party_id)
        seen.require_details(party, saw)
        fields: dict[str, str | int] = {}
        if name is not None:
            fields["name"] = shown(name, "name")
        if size is not None:
            if size < 1:
                raise Invalid("size must be a whole number, 1 or more.", field="size")
            if size > party.size:
                require_one_party(size, change.queue)
            fields["size"] = size
        if note is not None and (written := shown(note, "note")) != party.note:
            fields |= {"note": written, "note_by_host": bool(written)}
        if section is not None:
            fields["section"] = sitting.section_of(change.queue, section)
        if any(getattr(party, field) != value for field, value in fields.items()):
            change.set_party(party, **fields)
            change.emit("QUEUE_MEMBER_EDITED", party)
        if quote_ms is not None and quote_ms != (party.quote_low_ms, party.quote_high_ms):
            _promise(change, party, *quote_ms)
        return party


# ---------------------------------------------------------------------------------------------- parts of several commands
def _call(change: LineChange, party: Party) -> None:
    if party.status == rules.WAITING:
        flow.after_call(change, party)
    deadline = change.fresh_deadline()
    change.set_party(
        party,
        status=rules.CALLED,
        called_at=change.at,
        call_deadline=deadline,
        on_my_way_at=None,
        call_count=party.call_count + 1,
        more_time="",
    )
    change.emit("QUEUE_MEMBER_CALLED", party, deadline=milliseconds(deadline), round=party.call_count)


def _serve(change: LineChange, party: Party, tables: Sequence[Table] = ()) -> None:
    if party.status == rules.WAITING:
        flow.after_call(change, party)
    # Not less than 0, though the database's clock was set back in between.
    waited_ms = max(0, int((change.at - party.joined_at).total_seconds() * 1000))
    where: dict[str, Any] = {"tables": [table.pk for table in tables], "seated_at": change.at} if tables else {}
    reachable = party.has_phone or party.has_contact
    ask_at = visits.ask_at(change.queue.venue_id, seated_at=change.at, reachable=reachable)
    change.set_party(party, status=rules.SERVED, ended_at=change.at, call_deadline=None, ask_at=ask_at, **where)
    names = {"tables": [table.name for table in tables]} if tables else {}
    change.emit("QUEUE_MEMBER_SERVED", party, reason="served", waitedMs=waited_ms, **names)


def _promise(change: LineChange, party: Party, low_ms: int, high_ms: int) -> None:
    """A host's own quote. Raises Invalid."""
    if not 0 <= low_ms <= high_ms <= rules.LONGEST_LIFE.total_seconds() * 1000:
        raise Invalid("The quote must be a range of at most twelve hours, the shorter wait first.", field="quote")
    change.set_party(party, quote_low_ms=low_ms, quote_high_ms=high_ms, quoted_by_host=True)
    change.emit("QUEUE_MEMBER_QUOTED", party, waitLowMs=low_ms, waitHighMs=high_ms)


def _drop(change: LineChange, party: Party, *, lapsed: bool = False) -> None:
    change.set_party(party, status=rules.NO_SHOW, ended_at=change.at, call_deadline=None, lapsed=lapsed)
    change.emit("QUEUE_MEMBER_DROPPED", party, reason="no_show")
