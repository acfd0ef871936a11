"""What guests do: join, say that they are near, leave."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q, Sum

from config.errors import Conflict, Invalid
from outbox.actors import GUEST, HOST, Actor
from queues import rules
from queues.change import Change, change
from queues.models import Party, Queue
from queues.tokens import hashed_key


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """A party's place at the moment it joined, or as it is now when the same key joined before."""

    party: Party
    queue: Queue
    place: rules.Place
    expected_wait_ms: int


def join(
    line: str | UUID, *, name: str = "", size: int = 1, note: str = "", key: str = "", actor: Actor = GUEST
) -> Joined:
    """Takes the last place in the line. The same `key` (Idempotency-Key) gives the same party again (B3).

    Raises Invalid for a size under 1; Conflict when the line is closed or paused, when a party in line has this name,
    or when the guests in line and these would be more than the line holds.
    """
    with change(line, actor=actor, action="join") as now:
        return _join(now, name=name, size=size, note=note.strip(), key=key, walk_in=False)


def add_walk_in(
    line: str | UUID, *, name: str = "", size: int = 1, note: str = "", key: str = "", actor: Actor = HOST
) -> Joined:
    """A host puts a party without a phone in line; a paused line takes it too. Raises as `join`."""
    with change(line, actor=actor, action="add_walk_in") as now:
        return _join(now, name=name, size=size, note=note, key=key, walk_in=True)


def _join(now: Change, *, name: str, size: int, note: str, key: str, walk_in: bool) -> Joined:
    name = name.strip()
    queue = now.queue
    join_key = hashed_key(f"join:{queue.pk}", key) if key else None
    if join_key and (known := queue.parties.filter(join_key=join_key).first()):
        return _present(now, known)
    if size < 1:
        raise Invalid("size must be a whole number, 1 or more.", field="size")
    now.require_open()
    if queue.paused and not walk_in:
        raise Conflict("This line is not taking new guests at the moment.")
    in_line = queue.parties.filter(status__in=Party.IN_LINE)
    if name and in_line.filter(name=name).exists():
        raise Conflict("A party with this name is already in line.", field="name")
    totals = in_line.aggregate(
        waiting=Count("pk", filter=Q(status=rules.WAITING)),
        called=Count("pk", filter=Q(status=rules.CALLED)),
        guests=Sum("size"),
    )
    if (totals["guests"] or 0) + size > queue.max_guests:
        raise Conflict("This line is full.", field="size")
    place = rules.place(
        waiting_ahead=totals["waiting"], waiting=totals["waiting"] + 1, being_served=totals["called"] > 0
    )
    low, high = rules.quote_ms(ahead=place.ahead, pace_ms=queue.pace_ms)
    last = (
        queue.parties.filter(status=rules.WAITING).order_by("-rank", "-ticket").values_list("rank", flat=True).first()
    )
    party = Party(
        queue=queue,
        ticket=queue.next_ticket,
        rank=rules.rank_after(last, ticket=queue.next_ticket),
        name=name,
        size=size,
        note=note,
        walk_in=walk_in,
        join_key=join_key,
        joined_at=now.now,
        quote_low_ms=low,
        quote_high_ms=high,
    )
    now.add_party(party)
    now.set_queue(next_ticket=queue.next_ticket + 1)
    now.tell(
        "QUEUE_MEMBER_JOINED",
        party,
        position=place.position,
        queueLength=place.queue_length,
        waitLowMs=low,
        waitHighMs=high,
    )
    return Joined(
        party=party,
        queue=queue,
        place=place,
        expected_wait_ms=rules.expected_wait_ms(ahead=place.ahead, pace_ms=queue.pace_ms),
    )


def _present(now: Change, party: Party) -> Joined:
    """A known party's place as it is now: 0 ahead and position 0 once it has been called or has gone."""
    waiting = now.queue.parties.filter(status=rules.WAITING)
    serving = now.queue.parties.filter(status=rules.CALLED).exists()
    if party.status == rules.WAITING:
        before = Q(rank__lt=party.rank) | Q(rank=party.rank, ticket__lt=party.ticket)
        counts = waiting.aggregate(all=Count("pk"), ahead=Count("pk", filter=before))
        place = rules.place(waiting_ahead=counts["ahead"], waiting=counts["all"], being_served=serving)
    else:
        place = rules.Place(ahead=0, position=0, queue_length=waiting.count() + (1 if serving else 0))
    return Joined(
        party=party,
        queue=now.queue,
        place=place,
        expected_wait_ms=rules.expected_wait_ms(ahead=place.ahead, pace_ms=now.queue.pace_ms),
    )


def declare_nearby(line: str | UUID, *, party_id: UUID | str, actor: Actor = GUEST) -> None:
    """The guest says they are close. Twice is fine. Raises NotFound when the party is not in line."""
    with change(line, actor=actor, action="declare_nearby") as now:
        party = now.party(party_id)
        if not party.nearby:
            now.set_party(party, nearby=True)
            now.tell("QUEUE_MEMBER_NEARBY", party)


def leave(line: str | UUID, *, party_id: UUID | str, actor: Actor = GUEST) -> None:
    """The guest gives their place up. Raises NotFound when the party is not in line."""
    with change(line, actor=actor, action="leave") as now:
        party = now.party(party_id)
        now.set_party(party, status=rules.LEFT, ended_at=now.now, call_deadline=None)
        now.tell("QUEUE_MEMBER_LEFT", party, reason="left")
