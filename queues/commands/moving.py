"""The order of waiting parties: the host's reorder, and guests who let others pass (B6)."""

from uuid import UUID

from core.actors import GUEST, HOST, Actor
from core.errors import Conflict, Invalid
from outbox.models import Event
from outbox.once import Once
from queues import rules, seen, selectors
from queues.change import LineChange, locked_line
from queues.models import Party
from queues.refusals import NOBODY_BEHIND

_LET_PASS = Event.objects.filter(type="QUEUE_MEMBER_LET_PASS")


def reorder(
    line: str | UUID,
    *,
    party_id: UUID | str,
    position: int,
    behind: str | None = None,
    saw: str = "",
    actor: Actor = HOST,
) -> None:
    """Moves a waiting party to `position` among those waiting, 1 being the head; past the end means the end.

    `behind` is the id of the party that the host saw just before that place, "" for none. Raises Conflict when it is another
    one by now or the party is not as the host `saw` it, Invalid for a position under 1, NotFound when the party is not waiting.
    """
    if position < 1:
        raise Invalid("position must be a whole number, 1 or more.", field="position")
    with locked_line(line, actor=actor, action="reorder") as change:
        party = change.party(party_id, rules.WAITING, saw=saw)
        index = _move(change, party, index=position - 1, behind=behind)
        change.emit("QUEUE_MEMBER_MOVED", party, position=index + 1)


def move_behind(
    line: str | UUID, *, party_id: UUID | str, other_id: UUID | str, saw: str = "", actor: Actor = HOST
) -> None:
    """Moves a waiting party just behind another one.

    Raises NotFound when the party is not waiting; Conflict when it is not as the host `saw` it, or the other one waits no more;
    Invalid when the two are one.
    """
    with locked_line(line, actor=actor, action="move_behind") as change:
        party = change.party(party_id, rules.WAITING, saw=saw)
        other = change.party(other_id, *Party.Status.values)
        if other == party:
            raise Invalid("A party cannot stand behind itself.", field="otherId")
        seen.require_waiting(other, field="otherId")
        ahead = selectors.place_of(other).number
        index = _move(change, party, index=ahead - (1 if _stands_before(party, other) else 0))
        change.emit("QUEUE_MEMBER_MOVED", party, position=index + 1)


def _stands_before(party: Party, other: Party) -> bool:
    return (party.rank, party.ticket) < (other.rank, other.ticket)


def let_pass(
    line: str | UUID, *, party_id: UUID | str, parties: int = 1, key: str = "", asked: str = "", actor: Actor = GUEST
) -> int:
    """Moves a waiting party behind the next `parties` parties; returns behind how many.

    The same `key` (Idempotency-Key) moves it once. Raises Invalid for less than one, NotFound when the party is not waiting,
    Conflict when it is the last or the key came with another body (`asked`: its fingerprint).
    """
    if parties < 1:
        raise Invalid("parties must be a whole number, 1 or more.", field="parties")
    with locked_line(line, actor=actor, action="let_pass") as change:
        party = change.party(party_id, rules.WAITING)
        once = Once(f"pass:{party.pk}", key, asked)
        if known := once.before(_LET_PASS.filter(party_id=party.pk)):
            return int(known.data["parties"])
        ahead = selectors.place_of(party).number - 1
        index = _move(change, party, index=ahead + parties)
        if index == ahead:
            raise Conflict(NOBODY_BEHIND)
        change.emit("QUEUE_MEMBER_LET_PASS", party, parties=index - ahead, position=index + 1, **once.data)
        return index - ahead


def _move(change: LineChange, party: Party, *, index: int, behind: str | None = None) -> int:
    """Puts a waiting party behind `index` others; returns its index then, 0 being the head. Raises Conflict when the last of
    those is not `behind`."""
    others = change.queue.parties.filter(status=rules.WAITING).exclude(pk=party.pk).order_by("rank", "ticket")
    index = min(index, others.count())
    around = list(others[max(index - 1, 0) : index + 1])
    if behind is not None and behind.lower() != (str(around[0].pk) if index > 0 else ""):
        raise Conflict("Somebody else has changed the order meanwhile. Please look again.")
    before = around[0].rank if index > 0 else None
    after = around[-1].rank if around and len(around) == (1 if index == 0 else 2) else None
    rank = rules.rank_between(before, after)
    if rank is not None:
        change.set_party(party, rank=rank)
    else:  # no rank is free between the two: all get new ranks, far apart
        order = list(others)
        order.insert(index, party)
        # Beyond all present ranks, so that parties that join later stand behind also after an undo.
        rank = max(each.rank for each in order)
        for moved in order:
            rank += rules.RANK_STEP
            change.set_party(moved, rank=rank)
    return index
